import { UsageError } from '#src/local';

/**
 * Lets a reader go before the end, as `crosslink up --once | head -1` does: what is written afterwards is lost, the
 * run goes on to its end. Without a listener Node would end it with a stack trace, and leave the model's files.
 */
export function allowReadersToLeave(): void {
  process.stdout.on('error', () => {}); // told by print, which awaits it
  process.stderr.on('error', () => {}); // nowhere left to tell it
}

/**
 * Writes to standard output.
 * @throws {UsageError} it can't be written, for another reason than that nobody reads any more
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error || ('code' in error && error.code === 'EPIPE')) resolve();
      else reject(new UsageError(`can't write to standard output: ${error.message}`, { cause: error }));
    });
  });
}
