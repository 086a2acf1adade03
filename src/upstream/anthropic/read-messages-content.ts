import type { CacheMark, FilePart, ImagePart, Media, Part, TextPart } from '../neutral/neutral-request.js';
import { isBase64 } from '../neutral/read-media.js';
import type { RequestValue } from '../neutral/request-value.js';
import { splitCallId } from '../neutral/signed-call-id.js';

/** How strict a version of the API is. */
export interface MessagesRules {
  /** From the version of 2026-10-21 on: no documents of the assistant, no citations in the user's text, no `temperature`, `top_p`, `top_k`. */
  readonly isStrict: boolean;
}

/** `content`: a text or a list of blocks. What the provider's own tools did in earlier turns says nothing to others, and is left out. */
export function readMessagesContent(content: RequestValue, role: 'user' | 'assistant', rules: MessagesRules): Part[] {
  if (content.isText) return texts(content.text(), undefined);
  if (!content.isList) return content.wrong('a text or a list of blocks');
  return content.list().flatMap((block) => readBlock(block, role, rules));
}

export function readCacheControl(block: RequestValue): CacheMark | undefined {
  const mark = block.member('cache_control');
  return mark.optionalObject() === undefined ? undefined : { ttl: mark.member('ttl').optionalText() };
}

function readBlock(block: RequestValue, role: 'user' | 'assistant', rules: MessagesRules): Part[] {
  const type = block.member('type');
  const cache = readCacheControl(block);
  const word = block.isObject ? type.text() : block.wrong('an object');
  switch (word) {
    case 'text':
      if (rules.isStrict && role === 'user' && !block.member('citations').isAbsent)
        return block.member('citations').refuse('the text of a user cannot have citations in this version of the API.');
      return texts(block.member('text').text(), cache);
    case 'image':
      return [{ kind: 'image', media: readSource(block.member('source')), detail: undefined, ...(cache && { cache }) }];
    case 'document':
      if (rules.isStrict && role === 'assistant') return type.refuse('a document cannot stand in an answer in this version of the API.');
      return readDocument(block, cache);
    case 'search_result':
      return [searchResult(block, cache)];
  }
  return role === 'user' ? readUsersBlock(block, type, word, cache) : readAssistantsBlock(block, type, word, cache);
}

function readUsersBlock(block: RequestValue, type: RequestValue, word: string, cache: CacheMark | undefined): Part[] {
  if (word !== 'tool_result') return type.refuse('a block of a user is one of text, image, document, search_result, tool_result.');
  return [
    {
      kind: 'tool_result',
      callId: splitCallId(block.member('tool_use_id').word()).id,
      content: readResult(block.member('content')),
      isError: block.member('is_error').flag() === true,
      ...(cache && { cache }),
    },
  ];
}

function readAssistantsBlock(block: RequestValue, type: RequestValue, word: string, cache: CacheMark | undefined): Part[] {
  switch (word) {
    case 'thinking': {
      const signature = block.member('signature').optionalText();
      return [{ kind: 'reasoning', text: block.member('thinking').text(), signature: signature === '' ? undefined : signature, redacted: undefined }];
    }
    case 'redacted_thinking':
      return [{ kind: 'reasoning', text: '', signature: undefined, redacted: block.member('data').text() }];
    case 'tool_use': {
      const input = block.member('input');
      const json = JSON.stringify(input.isAbsent ? {} : input.object());
      return [
        { kind: 'tool_call', ...splitCallId(block.member('id').word()), name: block.member('name').word(), arguments: json, ...(cache && { cache }) },
      ];
    }
  }
  // What is left of a longer conversation: other providers have nothing else of it.
  if (word === 'compaction') return texts(block.member('content').optionalText() ?? '', cache);
  if (/^(server_tool_use|mcp_tool_use|container_upload|fallback)$|_tool_result$/.test(word)) return [];
  return type.refuse('a block of an answer is one of text, thinking, redacted_thinking, tool_use.');
}

function texts(text: string, cache: CacheMark | undefined): TextPart[] {
  return text === '' ? [] : [{ kind: 'text', text, ...(cache && { cache }) }];
}

function readResult(content: RequestValue): (TextPart | ImagePart | FilePart)[] {
  if (content.isAbsent) return [];
  if (content.isText) return texts(content.text(), undefined);
  return content.list().flatMap((block): (TextPart | ImagePart | FilePart)[] => {
    const type = block.member('type');
    const cache = readCacheControl(block);
    switch (type.text()) {
      case 'text':
        return texts(block.member('text').text(), cache);
      case 'image':
        return [{ kind: 'image', media: readSource(block.member('source')), detail: undefined, ...(cache && { cache }) }];
      case 'document':
        return readDocument(block, cache);
      case 'search_result':
        return [searchResult(block, cache)];
      case 'tool_reference':
        return texts(block.member('tool_name').text(), cache);
    }
    return type.refuse('a block of a result is one of text, image, document, search_result.');
  });
}

function readDocument(block: RequestValue, cache: CacheMark | undefined): (TextPart | ImagePart | FilePart)[] {
  const source = block.member('source');
  if (source.member('type').text() === 'content') {
    const inner = source.member('content');
    return inner.isText ? texts(inner.text(), cache) : readResult(inner);
  }
  return [{ kind: 'file', media: readSource(source), name: block.member('title').optionalText(), ...(cache && { cache }) }];
}

function readSource(source: RequestValue): Media {
  const type = source.member('type');
  switch (type.text()) {
    case 'base64': {
      const data = source.member('data');
      return isBase64(data.text()) ? { base64: data.text(), mime: source.member('media_type').word() } : data.wrong('base64');
    }
    case 'url':
      return { url: source.member('url').word() };
    case 'file':
      return { fileId: source.member('file_id').word() };
    case 'text':
      return { base64: Buffer.from(source.member('data').text()).toString('base64'), mime: 'text/plain' };
  }
  return type.refuse('a source is one of base64, url, file, text.');
}

function searchResult(block: RequestValue, cache: CacheMark | undefined): TextPart {
  const content = block
    .member('content')
    .list()
    .map((one) => one.member('text').text());
  const text = [block.member('title').text(), block.member('source').text(), ...content].join('\n');
  return { kind: 'text', text, ...(cache && { cache }) };
}
