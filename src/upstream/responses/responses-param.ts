import type { InferenceCall } from '../../contracts/inference-call.js';
import { fieldValue } from '../../json/read-field.js';
import type { ClientWord } from '../neutral/client-words.js';
import { asArray } from '../openai/json-value.js';

/** Log probabilities are asked for among other things, or by the number of alternatives alone. */
export const LOGPROBS = 'message.output_text.logprobs';

/** What chat completions call `param`, where it stands in a request for a response. */
export function responsesParam(param: string, call: InferenceCall): ClientWord | undefined {
  switch (param) {
    case 'messages':
      return { param: 'input' };
    case 'verbosity':
      return { param: 'text.verbosity' };
    case 'logprobs':
    case 'top_logprobs': {
      const isIncluded = asArray(fieldValue(call.body, call, 'include'))?.includes(LOGPROBS) === true;
      return isIncluded ? { param: 'include', word: LOGPROBS } : { param: 'top_logprobs' };
    }
  }
  return undefined;
}
