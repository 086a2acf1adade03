import type { Target } from '../../contracts/target.js';

/** `verb`: `generateContent` and its relatives. An address may name the version of the API already. */
export function modelPath({ upstream, model }: Target, verb: string): string {
  const version = /\/v\d+(alpha|beta)?\d*$/.test(upstream.baseUrl) ? '' : '/v1beta';
  return `${version}/${modelName(model)}:${verb}`;
}

/** Tuned models are named with their collection (`tunedModels/mine`). */
function modelName(model: string): string {
  const [collection, ...rest] = model.split('/');
  const isNamed = rest.length > 0 && (collection === 'models' || collection === 'tunedModels');
  return (isNamed ? model : `models/${model}`).split('/').map(encodeURIComponent).join('/');
}
