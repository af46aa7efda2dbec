// A line of JSON in, a line of JSON out.
import { createInterface } from "node:readline";

export const knows = JSON.parse(process.env.KNOWS);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);

export async function hear() {
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value);
}
