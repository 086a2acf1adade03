// The OpenAI library's own loop over Responses, in a process of its own: it takes no lists of another realm, which Jest's are.
import OpenAI from 'openai';
import { ResponsesToolRunner } from 'openai/helpers/responses-tool-runner';

const [baseURL, ...models] = process.argv.slice(2);
const client = new OpenAI({ apiKey: 'dev-key', baseURL, maxRetries: 0 });
const tool = { type: 'function', name: 'weather', description: 'The weather', strict: false, parameters: { type: 'object', properties: {} } };

for (const model of models) {
  for (const stream of [false, true]) {
    const seen = [];
    const runner = new ResponsesToolRunner({
      functions: [
        {
          tool,
          execute: (given) => {
            seen.push(given);
            return 'scene:text';
          },
        },
      ],
    });
    const input = [{ role: 'user', content: 'Please play scene:tool now.' }];
    const { output_text: text } = await runner.run(client, { model, input }, { stream });
    process.stdout.write(`${JSON.stringify({ model, stream, seen, text })}\n`);
  }
}
