import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { grafanaDatasourceApiContract } from '../../../contracts/grafana-datasource-api.ts';

// One version for each set of gates that the contract can tell apart.
for (const version of ['9.4.0-pre', '10.4.0', '11.6.15', '12.1.0', '12.3.7', '13.1.0']) {
  grafanaDatasourceApiContract(`embedded Grafana ${version}`, async () => {
    const grafana = await EmbeddedGrafana.start({ version });
    return {
      url: grafana.url,
      token: grafana.token,
      version,
      embedded: {
        viewerToken: grafana.addToken({ role: 'Viewer' }),
        seedReadOnly: (command) => grafana.seed({ ...command, type: 'tempo', readOnly: true }),
        close: () => grafana.stop(),
      },
    };
  });
}

// The same rows against a real Grafana, to learn whether the embedded one tells the truth.
const { CROSSLINK_GRAFANA_URL: url, CROSSLINK_GRAFANA_TOKEN: token } = process.env;
if (url !== undefined && token !== undefined) {
  grafanaDatasourceApiContract(`the Grafana at ${url}`, async () => {
    const client = grafanaClient({ url, auth: { kind: 'bearer', token } });
    const { version } = await client.health();
    return { url: url.replace(/\/+$/, ''), token, version };
  });
}
