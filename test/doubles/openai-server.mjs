// An OpenAI-compatible server for a process of its own: node test/doubles/openai-server.mjs PORT. The model's name decides how it goes:
// `status-NNN` refuses, `hang` never answers, `slow` streams without end, `cut` and `fails` break a stream after its first words.
// GET /seen tells what came and how it ended.
import { createServer } from 'node:http';

const seen = [];
const server = createServer((request, response) => {
  if (request.url === '/seen') return void response.end(JSON.stringify(seen));
  const parts = [];
  request.on('data', (bytes) => parts.push(bytes));
  request.on('end', () => {
    const text = Buffer.concat(parts).toString();
    const entry = { path: request.url, headers: request.headers, text, ended: 'running' };
    seen.push(entry);
    response.on('close', () => (entry.ended = response.writableFinished ? 'finished' : 'closed by peer'));
    answer(request.url ?? '', JSON.parse(text), response);
  });
});

function answer(path, body, response) {
  const refused = /^status-(\d+)$/.exec(body.model)?.[1];
  if (refused !== undefined) return send(response, Number(refused), refusal(Number(refused)));
  if (body.model === 'hang') return;
  if (path.endsWith('/embeddings')) return send(response, 200, embeddings(body));
  if (body.stream) return stream(path, body, response);
  send(response, 200, path.endsWith('/chat/completions') ? completion(body) : legacy(body));
}

const send = (response, status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const refusal = (status) => ({
  error: {
    message: `The provider says ${status}.`,
    type: 'invalid_request_error',
    param: 'temperature',
    code: status === 400 ? 'bad_temperature' : null,
  },
});
const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
const TOOL_CALL = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"K\\u00f6ln","big":9007199254740993}' } };

function completion(body) {
  const message =
    body.tools === undefined ? { role: 'assistant', content: 'Good day.' } : { role: 'assistant', content: null, tool_calls: [TOOL_CALL] };
  const choice = { index: 0, message, finish_reason: body.tools === undefined ? 'stop' : 'tool_calls' };
  return { id: 'real-1', object: 'chat.completion', created: 1, model: body.model, choices: [choice], usage };
}

function legacy(body) {
  return {
    id: 'real-2',
    object: 'text_completion',
    created: 1,
    model: body.model,
    choices: [{ index: 0, text: 'Good day.', finish_reason: 'stop' }],
    usage,
  };
}

function embeddings(body) {
  const numbers = [0.5, -0.25, 1];
  const embedding = body.encoding_format === 'base64' ? Buffer.from(new Float32Array(numbers).buffer).toString('base64') : numbers;
  const data = [body.input].flat().map((_, index) => ({ object: 'embedding', index, embedding }));
  return { object: 'list', data, model: body.model, usage: { prompt_tokens: 4, total_tokens: 4 } };
}

function stream(path, body, response) {
  const chat = path.endsWith('/chat/completions');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (value) => response.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  const part = (delta, finish_reason = null) =>
    event({
      id: 'real-3',
      object: chat ? 'chat.completion.chunk' : 'text_completion',
      created: 1,
      model: body.model,
      choices: [chat ? { index: 0, delta, finish_reason } : { index: 0, text: delta.content ?? '', finish_reason }],
    });
  part({ role: 'assistant', content: '' });
  if (body.tools !== undefined) {
    const { arguments: text, name } = TOOL_CALL.function;
    part({ tool_calls: [{ index: 0, id: TOOL_CALL.id, type: 'function', function: { name, arguments: '' } }] });
    for (const piece of [text.slice(0, 9), text.slice(9)]) part({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
  } else for (const word of ['Good ', 'day.']) part({ content: word });
  if (body.model === 'slow') {
    const timer = setInterval(() => part({ content: 'again ' }), 20);
    return void response.on('close', () => clearInterval(timer));
  }
  if (body.model === 'cut') return void setTimeout(() => response.destroy(), 20);
  if (body.model === 'fails')
    return void response.end(`data: ${JSON.stringify({ error: { message: 'The engine died.', type: 'server_error' } })}\n\n`);
  part({}, body.tools === undefined ? 'stop' : 'tool_calls');
  if (body.stream_options?.include_usage) event({ id: 'real-3', object: 'chat.completion.chunk', created: 1, model: body.model, choices: [], usage });
  event('[DONE]');
  response.end();
}

server.listen(Number(process.argv[2]), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
