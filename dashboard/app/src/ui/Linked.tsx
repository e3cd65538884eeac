/** A text whose https addresses are links. */
export function Linked({ text }: { text: string }) {
  return text.split(/(https:\/\/[^\s),;]*[^\s),;.])/).map((part, i) => (i % 2 ? <a key={i} href={part} target="_blank" rel="noreferrer">{part}</a> : part));
}
