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
  jwt: 'eyJ[\\w-]{10,4000}\\.[\\w-]{10,}(?:\\.[\\w-]+)?',
};

const privateKey =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g;

/** What no other text looks like. A form begins where a word does, so that each word is looked at once. */
export const tokenForms: readonly Finder[] = [
  matches(new RegExp(`(?<![\\w-])(?:${Object.values(forms).join('|')})`, 'g')),
  matches(privateKey),
  // Webhooks of Slack and Discord log in whoever knows them.
  matches(
    /(?<=hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/)[\w/-]{16,}/g,
  ),
  matches(/\b(?:bearer|basic|negotiate)[ \t]+((?=[\w+/.~-]*(?:[\d=+/_]|\.\w))[\w+/=.~-]{6,})/gi),
];
