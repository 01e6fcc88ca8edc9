import assert from 'node:assert/strict';
import { nodeGraphFrames } from '../../../../lib/grafana-plugin/frame/node-graph.ts';
import { plain } from './generated.ts';

suite('a node graph', () => {
  test('is a frame of nodes and one of edges, named and marked for the panel', () => {
    const [nodes, edges] = nodeGraphFrames({
      refId: 'A',
      nodes: [
        { id: 'a', title: 'A', mainStat: 1.5, arcs: { ok: 0.75, failed: 0.25 }, details: { zone: 'z' } },
        { id: 'b', highlighted: true },
      ],
      edges: [{ source: 'a', target: 'b', thickness: 2 }],
      config: { mainStat: { unit: 's' }, arc__failed: { color: { mode: 'fixed', fixedColor: 'red' } } },
    }).map(plain);
    for (const frame of [nodes, edges])
      assert.deepEqual(frame?.meta, { preferredVisualisationType: 'nodeGraph' });
    assert.equal(nodes?.name, 'nodes');
    assert.deepEqual(
      nodes?.fields.map(({ name, type, values }) => [name, type, values]),
      [
        ['id', 'string', ['a', 'b']],
        ['title', 'string', ['A', null]],
        ['mainStat', 'float64', [1.5, null]],
        ['highlighted', 'bool', [null, true]],
        ['arc__ok', 'float64', [0.75, null]],
        ['arc__failed', 'float64', [0.25, null]],
        ['detail__zone', 'string', ['z', null]],
      ],
    );
    assert.deepEqual(nodes?.fields[2]?.config, { unit: 's' });
    assert.deepEqual(nodes?.fields[5]?.config?.color, { mode: 'fixed', fixedColor: 'red' });
    assert.deepEqual(
      [edges?.name, edges?.refId, edges?.fields.map(({ name, values }) => [name, values])],
      [
        'edges',
        'A',
        [
          ['id', ['a--b']],
          ['source', ['a']],
          ['target', ['b']],
          ['thickness', [2]],
        ],
      ],
    );
  });

  test('may be edges alone', () => {
    const frames = nodeGraphFrames({ edges: [{ source: 'a', target: 'b' }] });
    assert.deepEqual(
      frames.map(({ name }) => name),
      ['edges'],
    );
  });

  test('takes arcs that were divided by their sum', () => {
    const arcs = { a: 1 / 3, b: 1 / 3, c: 1 / 3 };
    assert.equal(nodeGraphFrames({ nodes: [{ id: 'n', arcs }], edges: [] }).length, 2);
  });

  const a = { id: 'a' };
  const b = { id: 'b' };
  const refused: [string, Parameters<typeof nodeGraphFrames>[0], RegExp][] = [
    [
      'an edge to no node',
      { nodes: [a], edges: [{ source: 'a', target: 'x' }] },
      /ends at "x", which is no node/,
    ],
    ['an edge from no node', { nodes: [a], edges: [{ source: 'x', target: 'a' }] }, /ends at "x"/],
    ['two nodes of one id', { nodes: [a, a], edges: [] }, /two nodes have the id "a"/],
    ['an empty id', { nodes: [{ id: '' }], edges: [] }, /empty id/],
    [
      'two edges of one id',
      {
        nodes: [a, b],
        edges: [
          { source: 'a', target: 'b' },
          { source: 'a', target: 'b' },
        ],
      },
      /two edges have the id "a--b"/,
    ],
    ['arcs that add to 2', { nodes: [{ id: 'a', arcs: { x: 1, y: 1 } }], edges: [] }, /add to 2, not 1/],
    ['a negative arc', { nodes: [{ id: 'a', arcs: { x: 2, y: -1 } }], edges: [] }, /not 1/],
    ['half a place', { nodes: [{ id: 'a', fixedX: 1 }], edges: [] }, /both, or neither/],
    ['a place for some', { nodes: [{ id: 'a', fixedX: 1, fixedY: 1 }, b], edges: [] }, /fix all or none/],
    [
      'a stat of two kinds',
      {
        nodes: [
          { id: 'a', mainStat: 1 },
          { id: 'b', mainStat: 'x' },
        ],
        edges: [],
      },
      /"mainStat" is a number for some/,
    ],
  ];
  for (const [what, graph, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(() => nodeGraphFrames(graph), { name: 'FrameError', code: 'WRONG_SHAPE', message });
    });
  }
});
