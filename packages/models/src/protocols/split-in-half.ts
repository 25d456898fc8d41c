/** A text in two pieces, as real models stream tool arguments; never between the halves of a surrogate pair. */
export function splitInHalf(text: string): string[] {
  if (text.length < 2) return [text];
  let middle = Math.floor(text.length / 2);
  const unit = text.charCodeAt(middle);
  if (unit >= 0xdc00 && unit <= 0xdfff) middle += 1;
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== '');
}
