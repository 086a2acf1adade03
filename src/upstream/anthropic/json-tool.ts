/** A model without structured outputs is made to call this tool; what it calls it with is the text of the answer. The name is the mark. */
export const JSON_TOOL = 'json_tool_call';
