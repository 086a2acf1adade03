/** What the parser's errors mean to whoever wrote the file, by their code. Nothing of the file is quoted: it may hold keys. */
export const YAML_FAULTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab is used as indentation',
  BAD_INDENT: 'the indentation does not fit',
  MISSING_CHAR: 'something is not closed, or a ":" or "," is missing',
  BAD_ALIAS: 'an alias has no anchor',
  MULTIPLE_ANCHORS: 'two anchors stand on one value',
  BAD_DQ_ESCAPE: 'a backslash in double quotes means nothing; use single quotes',
  KEY_OVER_1024_CHARS: 'this name is too long',
  MULTILINE_IMPLICIT_KEY: 'a name stands on two lines, or a ":" is missing',
  BLOCK_AS_IMPLICIT_KEY: 'a value with ": " in it needs quotes, or the indentation does not fit',
  TAG_RESOLVE_FAILED: 'tags (!…) mean nothing here',
  UNEXPECTED_TOKEN: 'this is not expected here',
};
