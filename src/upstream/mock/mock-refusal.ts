import { type MockAnswer, wholeAnswer } from './mock-answer.js';

/** A request that OpenAI would refuse: becomes its 400. */
export class MockRefusal extends Error {
  override readonly name = 'MockRefusal';

  constructor(
    message: string,
    readonly param: string | null,
    readonly code: 'invalid_value' | 'missing_required_parameter' | 'unknown_url' | null,
    readonly status = 400,
  ) {
    super(message);
  }

  static missing(param: string): MockRefusal {
    return new MockRefusal(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }

  static wrongKind(param: string, expected: string, found: unknown): MockRefusal {
    return new MockRefusal(`Invalid type for '${param}': expected ${expected}, but got ${kindOf(found)} instead.`, param, 'invalid_value');
  }

  static wrongValue(param: string, expected: string): MockRefusal {
    return new MockRefusal(`Invalid value for '${param}': expected ${expected}.`, param, 'invalid_value');
  }

  get answer(): MockAnswer {
    return mockError(this.status, 'invalid_request_error', this.code, this.message, this.param);
  }
}

export function mockError(
  status: number,
  type: string,
  code: string | null,
  message: string,
  param: string | null = null,
  headers: Readonly<Record<string, string>> = {},
): MockAnswer {
  return wholeAnswer(status, { error: { message, type, param, code } }, 0, headers);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' && Number.isInteger(value) ? 'an integer' : `a ${typeof value}`;
}
