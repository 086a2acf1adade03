import { createHash } from 'node:crypto';

/** The ids of one response and its items, all made of the reply's id, so that they are the same however often they are asked for. */
export class ResponseIds {
  readonly response: string;
  private readonly base: string;

  constructor(replyId: string) {
    const bare = replyId.replace(/^(resp_|chatcmpl-|msg_|gen-)/, '').replaceAll(/[^A-Za-z0-9]/g, '');
    this.base = bare !== '' && bare.length <= LENGTH_MAX ? bare : createHash('sha256').update(replyId).digest('hex').slice(0, LENGTH_MAX);
    this.response = replyId.startsWith('resp_') ? replyId : `resp_${this.base}`;
  }

  item(kind: 'msg' | 'rs' | 'fc' | 'ctc' | 'ig', outputIndex: number): string {
    return `${kind}_${this.base}${outputIndex.toString(16).padStart(4, '0')}`;
  }
}

/** Providers take ids of 64 characters. */
const LENGTH_MAX = 48;
