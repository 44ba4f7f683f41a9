import { shellContext } from './contextKeys';
import { inHosts, onHosts } from './hosts/hostClauses';
import type { HostsNode } from './hosts/hostNodes';
import { command, type Contribution, duration, type Rows } from './manifest/contribution';
import { all, isTrusted, matches, not } from './manifest/whenClauses';

export const shellContribution = {
  contextKeys: shellContext,
  commands: {
    'muster.cancel': command({
      icon: 'stop-circle',
      palette: shellContext.busy,
      menus: { 'view/title': { 'navigation@1': all(inHosts, shellContext.busy) } },
    }),
    'muster.forgetSecrets': command({ menus: { 'view/title': { '3_rest@1': inHosts } } }),
    'muster.showLog': command({
      icon: 'output',
      menus: { 'view/title': { '3_rest@2': inHosts } },
    }),
    'muster.groupHosts': command({
      icon: 'list-tree',
      palette: shellContext.hasInventory,
      menus: { 'view/title': { '0_arrange@2': all(inHosts, shellContext.hasInventory) } },
    }),
    'muster.sortHosts': command({
      icon: 'sort-precedence',
      palette: shellContext.hasInventory,
      menus: { 'view/title': { '0_arrange@3': all(inHosts, shellContext.hasInventory) } },
    }),
    'muster.filterHosts': command({
      icon: 'filter',
      palette: shellContext.hasInventory,
      menus: {
        'view/title': {
          'navigation@3': all(inHosts, shellContext.hasInventory, not(shellContext.hostsFiltered)),
          '0_arrange@1': all(inHosts, shellContext.hasInventory, shellContext.hostsFiltered),
        },
      },
    }),
    'muster.clearHostsFilter': command({
      icon: 'filter-filled',
      palette: shellContext.hostsFiltered,
      menus: {
        'view/title': { 'navigation@3': all(inHosts, shellContext.hasInventory, shellContext.hostsFiltered) },
      },
    }),
    'muster.revealInHosts': command({
      icon: 'target',
      palette: all(shellContext.hasInventory, matches('editorLangId', 'yaml')),
      menus: {
        'editor/context': {
          '5_muster@0': all(shellContext.hasInventory, matches('resourceFilename', /muster\.ya?ml$/)),
        },
      },
    }),
    'muster.copyHostName': command<Rows<HostsNode>>({
      icon: 'copy',
      palette: false,
      menus: { 'view/item/context': { '3_copy@1': onHosts } },
    }),
    'muster.copyHostAddress': command<Rows<HostsNode>>({
      palette: false,
      menus: { 'view/item/context': { '3_copy@2': onHosts } },
    }),
    'muster.insertHostName': command<Rows<HostsNode>>({
      palette: false,
      menus: { 'view/item/context': { '3_copy@3': onHosts } },
    }),
  },
  views: {
    'muster.hosts': {
      icon: 'media/muster.svg',
      size: 4,
      welcomes: [
        {
          text: 'noFolder',
          when: all(
            isTrusted,
            shellContext.loaded,
            matches('workspaceFolderCount', '0'),
            not(shellContext.hasInventory),
          ),
        },
        {
          text: 'noInventory',
          when: all(
            isTrusted,
            shellContext.loaded,
            'workspaceFolderCount > 0',
            not(shellContext.hasInventory),
            not(shellContext.inventoryFailed),
          ),
        },
        { text: 'untrusted', when: not(isTrusted) },
        { text: 'loading', when: all(isTrusted, not(shellContext.loaded)) },
        { text: 'failed', when: all(shellContext.loaded, shellContext.inventoryFailed) },
        {
          text: 'empty',
          when: all(
            shellContext.loaded,
            shellContext.hasInventory,
            not(shellContext.inventoryFailed),
            not(shellContext.hostsFiltered),
          ),
        },
      ],
    },
  },
  settings: {
    inventory: {
      'muster.inventory': { order: 0, type: 'string', default: 'muster.yaml', scope: 'resource' },
    },
    checks: {
      'muster.concurrency': {
        order: 0,
        type: ['integer', 'null'],
        default: null,
        minimum: 1,
        maximum: 10000,
        scope: 'resource',
      },
      'muster.timeout': { order: 1, ...duration, default: '', scope: 'resource' },
    },
    runs: {
      'muster.protectedSelector': { order: 0, type: 'string', default: 'env=prod', scope: 'resource' },
      'muster.runs.ansi': {
        order: 2,
        type: 'string',
        enum: ['render', 'strip'],
        default: 'render',
        scope: 'window',
      },
    },
    hosts: {
      'muster.ssh.maxConnections': {
        order: 0,
        type: 'integer',
        default: 256,
        minimum: 1,
        maximum: 4096,
        scope: 'window',
      },
    },
  },
} satisfies Contribution;
