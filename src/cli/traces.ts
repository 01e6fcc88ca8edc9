import { print } from './output.ts';
import { wrong } from './traces-refusal.ts';

export const tracesHelp = `Usage: crosslink traces serve [OPTIONS]
       crosslink traces list [OPTIONS]
       crosslink traces show TRACE [OPTIONS]
       crosslink traces backup FILE [--folder DIR]

Keeps traces on this machine. serve takes them over OTLP and is a storage for
Jaeger, 1.x and 2.x; list and show print them; backup copies them into a file,
while they are served or not. crosslink up keeps those of hooks.

Options:
  --folder DIR         where they are; crosslink/traces in XDG_DATA_HOME, or in
                       ~/.local/share, when left out

Options of serve:
  --http ADDRESS       for OTLP over HTTP (127.0.0.1:4318)
  --grpc ADDRESS       for Jaeger's storage and OTLP over gRPC; may be repeated
                       (127.0.0.1:17271 and 127.0.0.1:4317)
  --archive ADDRESS    for what Jaeger archives, from 1.66 on, when that is a
                       storage of its own; it is kept for good (none)
  --memory             keep nothing on disk
  --retention AGE      what came longer ago goes, such as 72h or 30d (all stay)
  --max-size SIZE      above this the oldest go, such as 10GB (no limit)
  --durability WHAT    what a span that was taken survives: that the process is
                       killed (process), or a power cut too (power); (process)
  --tenant NAME        a tenant that there is; may be repeated. Each request has
                       to name one, and sees its own traces only
  --tenant-header NAME the header that names it (x-tenant)
  --tls-cert FILE      serve over TLS, with this certificate, in PEM
  --tls-key FILE       its private key
  --tls-client-ca FILE let in only those with a certificate signed by these

Options of list and show:
  --json               print JSON
  --server ADDRESS     ask this server, of ours or another one that speaks
                       jaeger.storage.v2, in place of the folder
  --ca FILE            it answers over TLS, with a certificate signed by these
  --cert FILE          where it wants one: the certificate to show it, in PEM
  --key FILE           its private key
  --tenant NAME        as this tenant

Options of list, which are for one and the same span of a trace:
  --service NAME, --operation NAME
  --tag KEY=VALUE      has this attribute; may be repeated
  --errors             has failed
  --since AGE          started at most so long ago, such as 1h
  --min-duration TIME  took at least so long, such as 5ms
  --max-duration TIME  took at most so long
  --limit N            show so many, the newest (20)

Options of show:
  --attributes         of each span as well

TRACE is an id, or how one begins, if only one of the newest 1000 does.

A Jaeger up to 1.57 can start crosslink itself, as its storage plugin.
`;

/** @returns the exit code */
export async function tracesCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(tracesHelp);
    return 0;
  }
  const [subcommand, ...rest] = args;
  switch (subcommand) {
    case 'serve':
      return (await import('./traces-serve.ts')).serveCommand(rest);
    case 'list':
      return (await import('./traces-look.ts')).listCommand(rest);
    case 'show':
      return (await import('./traces-look.ts')).showCommand(rest);
    case 'backup':
      return (await import('./traces-backup.ts')).backupCommand(rest);
    case undefined:
      throw wrong('crosslink traces takes what to do: serve, list, show or backup');
    default:
      throw wrong(`crosslink traces has no '${subcommand}'`);
  }
}
