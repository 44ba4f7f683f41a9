const within = (folder) => `^src/${folder}/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-stands-alone',
      comment: 'extension → editor → core, cli → core; never back.',
      severity: 'error',
      from: { path: within('core') },
      to: { path: '^src/(editor|cli|lab|webviews|extension)' },
    },
    {
      name: 'inventory-knows-no-feature',
      comment:
        'What a feature has in muster.yaml is a Section beside the feature, and a line in src/core/sections.ts; what all features need lies in src/core itself.',
      severity: 'error',
      from: { path: within('core/inventory') },
      to: {
        path: '^src/core/([^/]+/|sections|createCore)',
        pathNot: '^src/core/(inventory|files|ssh|redaction|operation)/',
      },
    },
    {
      name: 'only-the-editor-knows-vscode',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(editor/|extension\\.ts)' },
      to: { path: '(^|/)vscode$|@types/vscode' },
    },
    {
      name: 'one-composition',
      comment:
        'createCore wires the core. Who needs a part of it is given the Core: by Fleet.use, by openCore.',
      severity: 'error',
      from: { path: '^src/(editor|cli)/', pathNot: '^src/(editor/fleets/fleet|cli/openCore)\\.ts$' },
      to: {
        path: '^src/core/(createCore|transport/createTransport|ssh/createSshPool|etcd/etcdClusters|logs/createLogs|checks/probeThread)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'hosts-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/(editor|extension)' },
      to: { path: '^src/(cli|lab)/' },
    },
    {
      name: 'webviews-know-messages-only',
      comment: 'What they show comes in messages of src/protocol.',
      severity: 'error',
      from: { path: '^src/(webviews|protocol)/' },
      to: { path: '^src/(core|editor|cli|lab|extension)' },
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
