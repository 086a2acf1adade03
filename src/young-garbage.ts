import { setFlagsFromString } from 'node:v8';

/**
 * While a process is new, its young generation is small, and most of what was made for the calls under way lives through its first
 * collections. V8 learns from that where to make such objects among what lives long, and goes on doing so: every later call would then be
 * kept until a full collection, which its successors pay for (a tenth of a small call, and bodies of 50 KB by the hundred).
 */
setFlagsFromString('--no-allocation-site-pretenuring');
