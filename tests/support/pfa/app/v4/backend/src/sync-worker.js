// Takes writes from the queue to PEMS, one after another.
const { connect } = require('pfa-db')
const { send } = require('pfa-sync')
const settings = require('./settings')

const query = connect(settings.DATABASE_URL)
const TAKE = `update pfa_write_queue set status = 'in_flight', updated_at = now() where id =
  (select id from pfa_write_queue where status = 'queued' order by id limit 1) returning row_to_json(pfa_write_queue)`

async function work () {
  for (;;) {
    const taken = await query(TAKE)
    if (!taken) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      continue
    }
    const write = JSON.parse(taken)
    await send(settings.PEMS_URL, write)
    await query(`update pfa_write_queue set status = 'done', updated_at = now() where id = ${write.id}`)
  }
}

work().catch((error) => {
  console.error(new Date().toISOString(), error.stack)
  process.exit(1)
})
