const EMAIL = /[\w.+-]+(@|%40)[\w-]+(\.[\w-]+)+/g;
const TOKEN = /\beyJ[\w-]+\.[\w.-]+/g;
const QUERY = /(:\/\/[^\s?#"'<>()]*)[?#][^\s"'<>()]*?((?::\d+){0,2})(?=[\s"'<>()]|$)/g;

/** The text without e-mails and JSON web tokens, cut; the collector does this again, and more. */
export const scrub = (text: string, length = 256): string =>
  text.replace(TOKEN, '[token]').replace(EMAIL, '[email]').slice(0, length);

/** The same without the queries of urls; for messages and stacks. */
export const scrubText = (text: unknown, length?: number): string =>
  scrub(String(text).slice(0, 8_192).replace(QUERY, '$1$2'), length);

/** An address without credentials, query and fragment: they may hold what nobody wants stored. */
export function bare(url: string): string {
  try {
    const { origin, pathname, protocol } = new URL(url, location.href);
    return scrub(/^http/.test(origin) ? origin + pathname : protocol, 1_024);
  } catch {
    return '';
  }
}
