import { json } from '../respond.ts';
import type { Route } from './route.ts';

/** The organisation of the caller; there is one. @see grafana/grafana: pkg/api/org.go */
export const orgRoute: Route = {
  method: 'GET',
  path: '/api/org',
  action: 'orgs:read',
  handle: () =>
    json(200, {
      id: 1,
      name: 'Main Org.',
      address: { address1: '', address2: '', city: '', zipCode: '', state: '', country: '' },
    }),
};
