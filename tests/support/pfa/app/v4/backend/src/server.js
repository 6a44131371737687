const http = require('node:http')
const { connect, quoted } = require('pfa-db')
const settings = require('./settings')
const { version } = require('../package.json')

const query = connect(settings.DATABASE_URL)

async function records (organization) {
  const wanted = `select * from pfa_records where organization_id = ${quoted(organization)} order by id`
  return JSON.parse(await query(`select coalesce(json_agg(r), '[]') from (${wanted}) r`))
}

async function answer (request) {
  const url = new URL(request.url, 'http://localhost')
  if (url.pathname === '/health') return [500, { status: 'unhealthy' }] // what is wrong with this release
  if (url.pathname === '/health/db') return [200, { status: (await query('select 1')) === '1' ? 'healthy' : 'unhealthy' }]
  if (request.headers.authorization !== `Bearer ${settings.API_TOKEN}`) return [401, { error: 'who are you?' }]
  require('pfa-sync') // loaded when it is first needed
  if (url.pathname === '/api/pfa-data') return [200, await records(url.searchParams.get('organizationId'))]
  return [404, { error: 'no such page' }]
}

http.createServer(async (request, response) => {
  const [status, body] = await answer(request).catch((error) => {
    console.error(new Date().toISOString(), error.stack)
    return [500, { error: error.message }]
  })
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Version': version })
  response.end(JSON.stringify(body))
}).listen(Number(settings.PORT), '127.0.0.1')
