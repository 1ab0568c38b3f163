/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Joins src/ into one page that needs nothing but a WebSocket: style, font and script are inline, and the
 * script is a classic one, because the broker that serves the page sends no Content-Type.
 *
 *     node build.mjs [PAGE]          default: ../build/lobby/index.html
 *
 * The page is written beside its place and renamed, so that whoever loads it never gets half of it.
 */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const page = resolve(process.argv[2] ?? `${here}/../build/lobby/index.html`)

const bundle = async (entry, more) => {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'none', // their licences are named in index.html
    target: ['chrome90', 'firefox90', 'safari15'],
    ...more
  })
  return outputFiles[0].text
}

const style = await bundle('src/style.css', { loader: { '.woff2': 'dataurl' } })
const script = await bundle('src/main.js', { format: 'iife', platform: 'browser' })

// "</script" inside the script would end it; inside a string or a pattern "<\/script" is the same.
const template = await readFile(`${here}/src/index.html`, 'utf8')
const whole = template
  .replace('/* style.css */', () => style.trim())
  .replace('/* main.js */', () => script.trim().replace(/<\/(script)/gi, '<\\/$1'))

await mkdir(dirname(page), { recursive: true })
await writeFile(`${page}.new`, whole)
await rename(`${page}.new`, page)
