import { DatasourceError } from './errors.ts';

/**
 * A schema of zod's, or of any other library with Standard Schema's interface. No type of zod's own: a plugin may have
 * another version of it than this library, and those are not assignable to each other.
 * @see standard-schema/standard-schema: packages/spec/src/index.ts
 */
export interface Schema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>;
  };
}

type Result<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * @param what - is what is read, at the beginning of the message: 'the query is wrong'
 * @throws {DatasourceError} status 400, with each thing that is wrong. Whoever typed it in can mend it: it counts as
 * nobody's bug
 */
export async function readAs<Output>(schema: Schema<Output>, value: unknown, what: string): Promise<Output> {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  throw new DatasourceError(`${what}: ${result.issues.map(reason).join('; ')}`, {
    status: 400,
    source: 'downstream',
  });
}

function reason({ message, path = [] }: Issue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
