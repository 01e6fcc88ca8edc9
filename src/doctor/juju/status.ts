import * as z from 'zod';

const Status = z.object({ current: z.string().optional(), message: z.string().optional() });

const Unit = z.object({ leader: z.boolean().optional(), 'workload-status': Status.optional() });
/** Units of subordinate charms stand below the unit that they are subordinate to. */
const Principal = Unit.extend({ subordinates: z.record(z.string(), Unit).nullish() });

/** Before Juju 3 only the name of the related application. */
const Related = z.union([
  z.string().transform((app) => ({ 'related-application': app, interface: undefined })),
  z.object({ 'related-application': z.string(), interface: z.string().optional() }),
]);
const Relations = z.record(z.string(), z.array(Related)).nullish();

// Which charm it is only goes into what is saved: whoever looks at a bug wants to know.
// An application that Juju could not tell the status of has nothing but `status-error`.
const Application = z.object({
  'charm-name': z.string().optional(),
  relations: Relations,
  units: z.record(z.string(), Principal).nullish(),
});

const Saas = z.object({ url: z.string().optional(), relations: Relations });
const Offer = z.object({ application: z.string().optional() });

/**
 * What `juju status --format json` prints, as far as it matters here.
 * @see juju/juju: cmd/juju/status/formatted.go
 */
export const JujuStatus = z.object({
  model: z.object({
    name: z.string(),
    controller: z.string().optional(),
    version: z.string().optional(),
  }),
  applications: z.record(z.string(), Application).nullish(),
  'application-endpoints': z.record(z.string(), Saas).nullish(),
  offers: z.record(z.string(), Offer).nullish(),
});
export type JujuStatus = z.infer<typeof JujuStatus>;
export type JujuStatusUnit = z.infer<typeof Unit>;

/** @returns `hook failed: "install"`, Juju's own words; `''` where it said nothing of the kind */
export function failedHook({ 'workload-status': workload }: JujuStatusUnit): string {
  return /^hook failed: "[a-z0-9-]{1,200}"/.exec(workload?.message ?? '')?.[0] ?? '';
}

/** Every unit of the model, with its application. */
export function unitsOf(
  status: JujuStatus,
): { readonly app: string; readonly name: string; readonly unit: z.infer<typeof Unit> }[] {
  return Object.values(status.applications ?? {}).flatMap(({ units }) =>
    Object.entries(units ?? {}).flatMap(([name, unit]) => [
      { app: applicationOf(name), name, unit },
      ...Object.entries(unit.subordinates ?? {}).map(([name, unit]) => {
        return { app: applicationOf(name), name, unit };
      }),
    ]),
  );
}

/** @returns the application that a unit's name begins with */
export function applicationOf(unit: string): string {
  return unit.split('/')[0] ?? unit;
}
