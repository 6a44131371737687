// Builds the frontend into dist/: index.html, and one asset named after its content.
const fs = require('node:fs')
const path = require('node:path')
const { hashed } = require('pfa-build')
const { version } = require('./package.json')

const script = `document.title = 'PFA Vanguard ${version}'\n`
const asset = `assets/app-${hashed(script)}.js`
fs.rmSync('dist', { recursive: true, force: true })
fs.mkdirSync(path.join('dist', 'assets'), { recursive: true })
fs.writeFileSync(path.join('dist', asset), script)
const page = fs.readFileSync(path.join('frontend', 'index.html'), 'utf8')
fs.writeFileSync('dist/index.html', page.replaceAll('@VERSION@', version).replaceAll('@ASSET@', `/${asset}`))
