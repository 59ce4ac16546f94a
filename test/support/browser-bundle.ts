import { rolldown } from 'rolldown'

/** The verify entry point as one minified module for browsers, with everything that it needs. */
export async function browserBundle (): Promise<string> {
  const build = await rolldown({ input: new URL('../../src/verify.ts', import.meta.url).pathname, platform: 'browser', logLevel: 'silent' })
  try {
    const { output: [{ code }] } = await build.generate({ format: 'esm', minify: true })
    return code
  } finally {
    await build.close()
  }
}
