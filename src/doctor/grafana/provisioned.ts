import type { Datasource } from '#src/grafana';
import { markerKey } from '#src/grafana/provisioner';
import type { ProvisionedDatasource } from '../../grafana/provisioning-file.ts';
import { isSecretName } from '../redact.ts';
import { withoutUrlPasswords, withoutUrlSecrets } from '../url-secrets.ts';

/**
 * A datasource as a provisioning file is to have it, so that a Grafana that reads the file holds the same: but for
 * what may be secret, which the file says is missing, and for a gateway's marker, since what is from a file is no
 * gateway's.
 */
export function provisioned(held: Omit<Datasource, 'id' | 'version'>): ProvisionedDatasource {
  const { name, uid, type, access, orgId, user, database, basicAuth, basicAuthUser } = held;
  const { withCredentials, isDefault, readOnly, secureJsonFields } = held;
  const { [markerKey]: _marker, ...fields } = held.jsonData;
  const url = withoutUrlSecrets(held.url);
  const takenOut = url === held.url ? [] : ['url'];
  const jsonData = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, shown(value, key, `jsonData.${key}`, takenOut)]),
  );
  return {
    ...{ name, uid, type, access, url, orgId },
    ...(user !== '' && { user }),
    ...(database !== '' && { database }),
    ...(basicAuth && { basicAuth }),
    ...(basicAuthUser !== '' && { basicAuthUser }),
    ...(withCredentials && { withCredentials }),
    ...(isDefault && { isDefault }),
    ...(!readOnly && { editable: true }),
    jsonData,
    secureJsonKeys: Object.entries(secureJsonFields).flatMap(([key, isSet]) => (isSet ? [key] : [])),
    takenOut,
  };
}

/**
 * Every Viewer sees `jsonData`, so what is in it stays, and with it the queries of the URLs that links open. What is
 * called a secret, or is the password of a URL, somebody put there by mistake.
 * @param takenOut - where something was taken out; added to
 */
function shown(value: unknown, key: string, path: string, takenOut: string[]): unknown {
  if (typeof value === 'string') {
    const kept = isSecretName(key) && value !== '' ? '[redacted]' : withoutUrlPasswords(value);
    if (kept !== value) takenOut.push(path);
    return kept;
  }
  if (Array.isArray(value)) return value.map((member, i) => shown(member, key, `${path}[${i}]`, takenOut));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, shown(member, name, `${path}.${name}`, takenOut)]),
  );
}
