import { GatewayError } from '../../contracts/gateway-error.js';
import type { AudioPart, FilePart, ImagePart, Media, TextPart } from '../neutral/neutral-request.js';

/** A part of what a user says. */
export function writeResponsesContent(part: TextPart | ImagePart | FilePart | AudioPart): object {
  switch (part.kind) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return { type: 'input_image', ...imageMedia(part.media), ...(part.detail !== undefined && { detail: part.detail }) };
    case 'file':
      return { type: 'input_file', ...fileMedia(part.media, part.name) };
    case 'audio':
      throw new GatewayError('invalid_value', 'This model cannot be sent audio: leave the input_audio parts out.', { param: 'messages' });
  }
}

function imageMedia(media: Media): object {
  if ('base64' in media) return { image_url: `data:${media.mime};base64,${media.base64}` };
  return 'url' in media ? { image_url: media.url } : { file_id: media.fileId };
}

function fileMedia(media: Media, name: string | undefined): object {
  if ('url' in media) return { file_url: media.url };
  if ('fileId' in media) return { file_id: media.fileId };
  // The provider looks at the name's ending, and takes no file without a name.
  return { filename: name ?? `file.${media.mime === 'application/pdf' ? 'pdf' : 'txt'}`, file_data: `data:${media.mime};base64,${media.base64}` };
}
