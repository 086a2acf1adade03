import type { ImportDraft } from './import-draft.js';
import type { LitellmValue } from './litellm-value.js';

/** What becomes of one of LiteLLM's settings. The documentation's tables are made of these rows. */
export type SettingRow =
  /** It is carried over; `becomes` names what ours is. */
  | { readonly becomes: string; readonly carry: (value: LitellmValue, draft: ImportDraft) => void }
  /** It is so here in any case: nothing to do, nothing to tell. */
  | { readonly same: string }
  /** It is left out, unless it is switched off there; `instead` completes "left out; …". */
  | { readonly instead: string };

export type SettingRows = Readonly<Record<string, SettingRow>>;
