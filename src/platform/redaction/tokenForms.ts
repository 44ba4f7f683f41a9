import { type Finder, matches } from './spans';

/** Tokens that are known by their form, by who issues them. */
const forms: Readonly<Record<string, string>> = {
  aws: '(?:AKIA|ASIA)[A-Z\\d]{16}',
  gitHub: 'gh[pousr]_\\w{20,}|github_pat_\\w{20,}',
  gitLab: 'gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[\\w-]{16,}',
  slack: 'xox[abeprs]-[\\w-]{10,}|xapp-[\\w-]{10,}',
  npm: 'npm_\\w{30,}',
  pyPi: 'pypi-[\\w-]{20,}',
  docker: 'dckr_(?:pat|oat)_[\\w-]{20,}',
  google: 'AIza[\\w-]{30,}|ya29\\.[\\w-]{20,}|GOCSPX-[\\w-]{20,}',
  vault: 'hv[sbr]\\.[\\w-]{20,}',
  anthropic: 'sk-ant-[\\w-]{16,}',
  openAi: 'sk-(?:proj|svcacct|admin)-[\\w-]{20,}',
  stripe: '(?:sk|rk)_(?:live|test)_\\w{16,}|whsec_\\w{16,}',
  sendGrid: 'SG\\.[\\w-]{16,}\\.[\\w-]{16,}',
  digitalOcean: 'do[opr]_v1_[a-f\\d]{32,}',
  grafana: 'gl(?:sa|c)_[\\w=+/]{20,}',
  huggingFace: 'hf_[A-Za-z\\d]{30,}',
  databricks: 'dapi[a-f\\d]{32}',
  shopify: 'shp(?:at|ca|pa|ss)_[a-fA-F\\d]{32}',
  age: 'AGE-SECRET-KEY-1[A-Z\\d]{50,}',
  telegram: '(?:bot)?\\d{8,10}:[\\w-]{35}(?![\\w-])',
  jwt: 'eyJ[\\w-]{10,4000}\\.[\\w-]{10,}(?:\\.[\\w-]+)?',
};

/** Hashes of passwords, which can be guessed against: of crypt(3), Apache, Argon2 and LDAP. */
const crypt = [
  /\$(?:[156]|md5|sha1|apr1)\$(?:rounds=\d{1,10}\$)?[\w./]{0,32}\$[\w./]{8,}/g,
  /\$(?:2[abxy]?\$\d\d|g?y\$[\w./]{1,16}\$[\w./]{1,64}|argon2(?:id|i|d)(?:\$[\w=,]{1,32}){1,3})\$[\w./+$]{8,}/g,
  /\{(?:S?SHA\d{0,3}|S?MD5|CRYPT)\}[\w+/=.$]{8,}/gi,
];

/** What no other text looks like. A form begins where a word does, so that each word is looked at once. */
export const tokenForms: readonly Finder[] = [
  matches(new RegExp(`(?<![\\w-])(?:${Object.values(forms).join('|')})`, 'g')),
  // Webhooks of Slack and Discord log in whoever knows them.
  matches(
    /(?<=hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{16,}/g,
  ),
  matches(
    /\b(?:bearer|basic|negotiate)[ \t]+((?!(?:realm|charset|scope|error\w{0,20}|title|authorization_uri)=|[\w-]{1,64}=[\w"'])(?=[\w+/.~-]*(?:[\d=+/_]|\.\w))[\w+/=.~-]{6,})/gi,
  ),
  ...crypt.map(matches),
];
