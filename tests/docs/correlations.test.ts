import assert from 'node:assert/strict';
import { correlationTable, datasourceTypes, linkKinds, pluginId } from '#src/exchange';
import { firstColumn, read, tableUnder } from './pages.ts';

suite('docs/correlations.md', () => {
  test('names every kind of link and no others', async () => {
    const page = await read('docs/correlations.md');
    assert.deepEqual(firstColumn(page, '## The kinds').toSorted(), linkKinds.toSorted());
  });

  test('has every key of jsonData that holds a link', async () => {
    const page = await read('docs/correlations.md');
    const keys = [...correlationTable.values()].flatMap(({ links }) => links.map(({ key }) => key));
    for (const key of new Set(keys)) assert.match(page, new RegExp(`\\| .*\`${key}\``));
  });

  test('has in the matrix what the code links, and no more', async () => {
    const [header = [], ...rows] = tableUnder(await read('docs/correlations.md'), '## The matrix');
    const typesIn = (cell: string) => cell.split(', ').map((name) => pluginId(name) ?? name);
    const columns = header.slice(1).map(typesIn);
    for (const [first = '', ...cells] of rows) {
      for (const from of typesIn(first)) {
        const links = correlationTable.get(from)?.links ?? [];
        for (const [i, cell] of cells.entries()) {
          const written = cell
            .replaceAll('`', '')
            .split(', ')
            .filter((kind) => kind !== '');
          for (const to of columns[i] ?? []) {
            const made = links.filter((link) => link.to.includes(to)).map(({ kind }) => kind);
            assert.deepEqual(written, made, `${from} to ${to}`);
          }
        }
      }
    }
    assert.deepEqual(
      rows.flatMap(([first = '']) => typesIn(first)).toSorted(),
      [...new Set(datasourceTypes.map(pluginId))].toSorted(),
    );
  });
});
