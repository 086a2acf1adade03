/** What was told of an item that is not done. */
export interface OpenItem {
  /** The number of the call that it is. */
  call: number | undefined;
  hasArguments: boolean;
  /** Its arguments are the input of a custom tool, whose text is open. */
  isInput: boolean;
  thoughts: 'summary' | 'content' | undefined;
  /** The parts of a message whose deltas were told. */
  readonly told: Set<unknown>;
  hasCited: boolean;
}
