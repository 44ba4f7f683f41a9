/** What others may import of a feature: its contract. Paths within the feature's folder, without `.ts`. */
const contracts = {
  checks: [
    'core/(check|checkBatch|checkFamilies|checkOrder|expectation|probe|probes|extraProbes|probeMeasurements|steadiness|dns/.+|http/judgeResponse)',
    'editor/(autoCheck|checkAutomatically|checkHistory|fleetChecks|historyFigures|historyWording)',
  ],
  discovery: ['core/(answeredFragment|askSources|discovery|followedSources)'],
  etcd: [
    'core/client/(etcdCluster|etcdClusters|etcdModel|etcdSettings|etcdStatus)',
    'core/keys/keyText',
    'core/rules/(changeRule|changeRules|ruleConsent)',
    'core/section/clusterEntry',
  ],
  files: ['editor/(compareGroups|foldFiles|hostFileUri|placeOfHostFile|uriOfHostFile)'],
  forwards: ['editor/forwards'],
  metrics: ['core/contract'],
  runs: [
    'core/(fold|hostFiles|remoteCommand|runBatch)',
    'cli/(lastRun|limited)',
    'editor/(fleetRuns|outcome)',
    'editor/command/(confirmRun|orderOf|snippets)',
    'editor/view/runNodes',
  ],
};

/** On which contracts a feature, or the shell below all of them, builds. What is not listed builds on none. */
const buildsOn = {
  agents: ['checks', 'runs'],
  api: ['checks', 'runs'],
  // The probes of etcd and of metrics.
  checks: ['etcd', 'metrics'],
  // `--limit @failed`, and names of hosts as names of folders.
  copy: ['files', 'runs'],
  discovery: ['checks', 'etcd'],
  // Rules check and run what has changed; a cluster may be reached by a forward.
  etcd: ['checks', 'forwards', 'runs'],
  // What is expected of a response is what a check expects.
  http: ['checks'],
  inventoryEditing: ['checks'],
  lab: ['checks'],
  // The logs of the hosts of a run.
  logs: ['runs'],
  profiles: ['runs'],
  // What it makes at intervals, and what rules run.
  serve: ['checks', 'etcd', 'metrics', 'runs'],
  tasks: ['runs'],
  // The command line of a command.
  terminals: ['files', 'runs'],
  testExplorer: ['checks'],
};

/** The hosts tree shows verdicts, an inventory asks its sources, and both hosts word how runs end. */
const shellBuildsOn = ['checks', 'discovery', 'etcd', 'runs'];

const filesOf = (feature) => contracts[feature].map((path) => `^src/features/${feature}/${path}\\.ts$`);
const roomOf = (room) => `^src/(features/[^/]+|shell)/${room}/`;
const features = (names) => `^src/features/(${names.join('|')})/`;

const byContract =
  'Of another feature only its contract is imported, by those that build on it: see the tables in .dependency-cruiser.mjs. What several need belongs into src/platform, or what both hosts show into src/shell.';
const featureRules = Object.entries(buildsOn).map(([feature, needed]) => ({
  name: `${feature}-builds-on-contracts`,
  comment: byContract,
  severity: 'error',
  from: { path: features([feature]) },
  to: { path: '^src/features/', pathNot: [features([feature]), ...needed.flatMap(filesOf)] },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'platform-knows-no-feature',
      comment:
        'What a feature has in muster.yaml is a Section beside the feature, and a line in src/engine/sections.ts.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(features|engine|shell|apps)/' },
    },
    {
      name: 'cores-stand-alone',
      comment:
        'A core runs in every host: what shows it belongs into the editor, cli or webview of its feature.',
      severity: 'error',
      from: { path: '^src/(features/[^/]+/core|engine)/' },
      to: { path: '^src/(features/[^/]+/(?!core/)|shell/|apps/)' },
    },
    {
      name: 'cores-know-no-engine',
      comment: 'The engine wires the cores; what a core needs of another it is given.',
      severity: 'error',
      from: { path: '^src/features/[^/]+/core/' },
      to: { path: '^src/engine/' },
    },
    ...featureRules,
    {
      name: 'other-features-build-on-none',
      comment: byContract,
      severity: 'error',
      from: { path: '^src/features/([^/]+)/', pathNot: features(Object.keys(buildsOn)) },
      to: { path: '^src/features/', pathNot: '^src/features/$1/' },
    },
    {
      name: 'shell-builds-on-contracts',
      comment: byContract,
      severity: 'error',
      from: { path: '^src/shell/' },
      to: { path: '^src/features/', pathNot: shellBuildsOn.flatMap(filesOf) },
    },
    {
      name: 'only-apps-know-apps',
      comment: 'src/apps lists the features, and nothing imports it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/apps/' },
      to: { path: '^src/apps/' },
    },
    {
      name: 'only-the-editor-knows-vscode',
      comment: 'Put a port into src/platform/host/host.ts, or the code into the editor of its feature.',
      severity: 'error',
      from: { path: '^src/', pathNot: [roomOf('editor'), '^src/apps/'] },
      to: { path: '(^|/)vscode$|@types/vscode' },
    },
    {
      name: 'one-composition',
      comment:
        'createCore wires the core. Who needs a part of it is given the Core: by Fleet.use, by openCore.',
      severity: 'error',
      from: {
        path: [roomOf('editor'), roomOf('cli'), '^src/apps/'],
        pathNot: '^src/shell/(editor/fleets/fleet|cli/hosts/openCore)\\.ts$',
      },
      to: {
        path: [
          '^src/engine/createCore\\.ts$',
          '^src/platform/transport/(createTransport|ssh/pool/createSshPool)\\.ts$',
          '^src/features/(etcd/core/client/etcdClusters|logs/core/createLogs|checks/core/probeThread)\\.ts$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the-editor-knows-no-cli',
      comment:
        'What both hosts need belongs into a core, or into src/platform. The lab is a process of the CLI.',
      severity: 'error',
      from: { path: [roomOf('editor'), '^src/apps/(extension|composition)'] },
      to: { path: [roomOf('cli'), '^src/features/lab/core/'] },
    },
    {
      name: 'the-cli-knows-no-editor',
      comment: 'What both hosts need belongs into a core, or into src/platform.',
      severity: 'error',
      from: { path: [roomOf('cli'), '^src/apps/(binary|cli|commands|fleet|manual)'] },
      to: { path: [roomOf('editor'), roomOf('webview')] },
    },
    {
      name: 'pages-know-messages-only',
      comment: 'What a page shows comes in messages of a protocol.',
      severity: 'error',
      from: { path: [roomOf('webview'), roomOf('protocol')] },
      to: { path: '^src/', pathNot: [roomOf('webview'), roomOf('protocol')] },
    },
    {
      name: 'pages-are-reached-by-messages',
      comment: 'The editor loads the built page; what both know belongs into the protocol of the feature.',
      severity: 'error',
      from: { path: '^src/', pathNot: roomOf('webview') },
      to: { path: roomOf('webview') },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports is not part of the product.',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
