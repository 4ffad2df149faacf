import { closed, type Peel, type WrappedCommand } from '../peel.ts'

/**
 * Returns a command in whose words a placeholder is replaced when it runs. From the first such word on
 * nothing is known of it; a name that is replaced closes it.
 */
export function wrapsOpen(
  inner: readonly string[],
  placeholder: string,
  more: Omit<WrappedCommand, 'argv' | 'open'>,
  rebuild: (command: readonly string[]) => readonly string[],
): Peel & { readonly kind: 'closed' | 'wraps' } {
  const at = inner.findIndex((word) => word.includes(placeholder))
  if (at === 0 || placeholder === '') return closed('a program that is not named cannot be judged')
  return {
    kind: 'wraps',
    commands: [
      at < 0 ? { ...more, argv: inner } : { ...more, argv: inner.slice(0, at), open: true },
    ],
    // The words after the placeholder are sent as they are.
    rebuild: ([command = inner]) => rebuild(at < 0 ? command : [...command, ...inner.slice(at)]),
  }
}
