# Report views and documents by ActiveRecord.  Prints a line for each check; where the server is
# comes from PGHOST and so on.
require 'active_record'
require 'bigdecimal'
require 'json'

ActiveRecord::Base.establish_connection(adapter: 'postgresql', database: ENV.fetch('PGDATABASE'),
                                        host: ENV.fetch('PGHOST'), port: ENV.fetch('PGPORT'),
                                        username: ENV.fetch('PGUSER'),
                                        password: ENV.fetch('PGPASSWORD'),
                                        variables: { 'balance.ledger' => 'billing' })

# A row of a report view: to be read, never written.
class InvoiceSummary < ActiveRecord::Base
  self.table_name = 'billing.report_invoice_summary'
  self.primary_key = 'customer_id'

  def readonly?
    true
  end
end

# A position is text, there and back.
class MonthEnd < ActiveRecord::Base
  self.table_name = 'app.month_end'
  self.primary_key = 'customer_id'
  attribute :position, :string
end

$stdout.sync = true

def check(name, found, wanted)
  puts "#{found == wanted ? 'ok' : 'not ok'} - #{name}"
  warn "#{name}: found #{found.inspect}, expected #{wanted.inspect}" unless found == wanted
end

# Documents as they are, numbers with all of their digits.
def document(call, *values)
  sql = ActiveRecord::Base.sanitize_sql_array(["SELECT balance.#{call}", *values])
  JSON.parse(ActiveRecord::Base.connection.select_value(sql), decimal_class: BigDecimal)
end

columns = InvoiceSummary.connection.columns('billing.report_invoice_summary')
unpaid = columns.find { |column| column.name == 'total_unpaid_amount' }
check('a view has typed columns, with comments', [unpaid.type, unpaid.comment[/in major units/]],
      [:decimal, 'in major units'])
rows = InvoiceSummary.where(customer_id: 'Cust_1').order(:currency)
check('a report view, with amounts as BigDecimal',
      rows.pluck(:currency, :total_unpaid_amount, :minor_unit),
      [['KWD', BigDecimal('1.25'), 3], ['USD', BigDecimal('50.25'), 2]])
check('sums by currency', InvoiceSummary.group(:currency).sum(:total_revenue_amount)['USD'],
      BigDecimal('12345678901234688.39'))
check('... which nobody can write', begin
  rows.first.update(minor_unit: 1)
rescue ActiveRecord::ReadOnlyRecord
  'read only'
end, 'read only')
found = document('vcu_balance(?, ?, ?)', 'Cust_1', '2026-01-01', '2026-01-31')
check('a document, with all of its digits',
      found['balancesByCurrency'].map { |element| element['vcuBalance']['balance'] },
      [9_007_199_254_740_993, BigDecimal('10.1234567890123456789012344')])

position = ActiveRecord::Base.connection.select_value(
  'SELECT balance.tally_deposits(currency, status, amount) FROM billing.deposit'
)
MonthEnd.create!(customer_id: 'Cust_1', month: '2026-01-31', position: position)
check('a position comes back as it went', MonthEnd.find('Cust_1').position, position)
MonthEnd.delete_all

answer = begin
  document('customer_credits(?)', 'nobody')
rescue ActiveRecord::StatementInvalid => e
  result = e.cause.result
  document("error_body('customer-credits', ?, ?, ?)",
           *[PG::PG_DIAG_SQLSTATE, PG::PG_DIAG_MESSAGE_PRIMARY, PG::PG_DIAG_MESSAGE_DETAIL]
             .map { |field| result.error_field(field) })
end
check('an error as its API documents it', answer['http_status_code'], 404)
