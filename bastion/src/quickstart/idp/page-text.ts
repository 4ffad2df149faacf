const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem}
input,button{font:inherit;display:block;box-sizing:border-box;width:100%;margin:.5rem 0;padding:.5rem}
p{color:#555}[role=alert]{color:#a00}`

/** What each page of the development identity provider is sent with. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}

/** Returns a page of the development identity provider. */
export function pageText(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${STYLE}</style>
<h1>Development ${title.toLowerCase()}</h1>
<p>For a demonstration on this machine. Do not expose.</p>
${body}
</html>
`
}
