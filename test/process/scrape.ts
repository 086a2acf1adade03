import { send } from './send.js';

/** The sum of all series of a family whose line holds every one of `labels`, e.g. `status="200"`. */
export async function scrape(url: string, family: string, ...labels: readonly string[]): Promise<number> {
  const { text } = await send(`${url}/metrics`);
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${family}{`) || line.startsWith(`${family} `)) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
