import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.File;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.util.PSQLException;

/**
 * The documents from Java with JDBC and Jackson. Prints a line for each check; where the server is
 * comes from PGHOST and so on. A double cannot hold every unit amount, so jsonb is parsed with
 * BigDecimals.
 */
class Client {
    static final ObjectMapper EXACT = new ObjectMapper()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));
    static final OffsetDateTime FEBRUARY = OffsetDateTime.parse("2026-02-15T12:00:00Z");
    static final Object[] JANUARY = {"Cust_1", LocalDate.of(2026, 1, 1), LocalDate.of(2026, 1, 31)};

    // The driver sends a string as varchar, of which PostgreSQL makes text, but no regnamespace.
    static final String CUSTOMER_BALANCE = "SELECT balance.customer_balance(?, ?::regnamespace)";
    static final String INVOICE_SUMMARY = "SELECT balance.invoice_summary(?, ?, ?)";
    static final String VCU_BALANCE = "SELECT balance.vcu_balance(?, ?, ?)";
    static final String CUSTOMER_CREDITS =
        "SELECT balance.customer_credits(?, ?, ?, ?::regnamespace)";

    interface Call {
        JsonNode run() throws Exception;
    }

    final Connection connection;

    Client(String settings) throws SQLException {
        Map<String, String> env = System.getenv();
        connection = DriverManager.getConnection(
            "jdbc:postgresql://%s:%s/%s?%s".formatted(env.get("PGHOST"), env.get("PGPORT"),
                env.get("PGDATABASE"), settings),
            env.get("PGUSER"), env.get("PGPASSWORD"));
    }

    String text(String sql, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    JsonNode document(String sql, Object... arguments) throws Exception {
        String text = text(sql, arguments);
        return text == null ? null : EXACT.readTree(text);
    }

    /** getMessage() of the exception would have "ERROR: " and the detail in it. */
    JsonNode httpAnswer(String api, PSQLException error) throws Exception {
        return document("SELECT balance.error_body(?, ?, ?, ?)", api, error.getSQLState(),
            error.getServerErrorMessage().getMessage(), error.getServerErrorMessage().getDetail());
    }

    static void check(String name, Object found, Object wanted) {
        boolean same = found == null ? wanted == null : found.equals(wanted);
        System.out.println((same ? "ok - " : "not ok - ") + name);
        if (!same) {
            System.err.println(name + ": found " + found + ", expected " + wanted);
        }
    }

    static PSQLException errorOf(Call call) throws Exception {
        try {
            throw new AssertionError("no error, but " + call.run());
        } catch (PSQLException error) {
            return error;
        }
    }

    void documents(JsonNode expected) throws Exception {
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("customer_balance", () -> document(CUSTOMER_BALANCE, "Cust_1", null));
        calls.put("invoice_summary", () ->
            document(INVOICE_SUMMARY, "Cust_1", FEBRUARY, "Europe/Berlin"));
        calls.put("vcu_balance", () -> document(VCU_BALANCE, JANUARY));
        calls.put("customer_credits", () -> document(CUSTOMER_CREDITS, "Cust_1", null, null, null));
        for (Map.Entry<String, Call> entry : calls.entrySet()) {
            for (int i = 0; i < 7; i++) {
                entry.getValue().run();
            }
            check(entry.getKey(), entry.getValue().run(), expected.get(entry.getKey()));
        }
        check("all were prepared, and at last ran by a generic plan",
            text("SELECT count(*) FROM pg_prepared_statements"
                + " WHERE generic_plans > 0 AND starts_with(statement, 'SELECT balance.')"), "4");
        check("the ledger as an argument", document(CUSTOMER_BALANCE, "Cust_1", "archive"),
            expected.get("archive_balance"));
        check("no customer, no document", document(CUSTOMER_BALANCE, null, null), null);
    }

    void errors(JsonNode expected) throws Exception {
        Object[][] cases = {
            {"no such customer, to Flexprice's clients", "invoice-summary",
                (Call) () -> document(INVOICE_SUMMARY, "nobody", FEBRUARY, "UTC")},
            {"no such customer, to DayZero's clients", "customer-credits",
                (Call) () -> document(CUSTOMER_CREDITS, "nobody", null, null, null)},
            {"several currencies", "customer-credits",
                (Call) () -> document(CUSTOMER_CREDITS, "Cust_2", null, null, null)},
            {"a time zone that is none", "invoice-summary",
                (Call) () -> document(INVOICE_SUMMARY, "Cust_1", FEBRUARY, "Mars/Olympus")},
            {"a ledger that the user may not read", "customer-credits",
                (Call) () -> document(CUSTOMER_CREDITS, "Cust_1", null, null, "secret")},
        };
        for (Object[] one : cases) {
            PSQLException error = errorOf((Call) one[2]);
            check((String) one[0], EXACT.createObjectNode().put("sqlstate", error.getSQLState())
                .set("answer", httpAnswer((String) one[1], error)),
                expected.get("errors").get((String) one[0]));
        }
        PSQLException several = errorOf((Call) cases[2][2]);
        check("what to do about it is in the hint",
            List.of(several.getServerErrorMessage().getDetail(),
                several.getServerErrorMessage().getHint()),
            List.of("The credit memos are in JPY, KWD.", "Pass one of them as currency."));
        check("as it says", document(CUSTOMER_CREDITS, "Cust_2", null, "kwd", null)
            .get("total_credits_available_dollars").textValue(), "1.250");

        connection.setAutoCommit(false);
        errorOf(() -> document(VCU_BALANCE, "Cust_1", JANUARY[2], JANUARY[1]));
        connection.rollback();
        check("after an error in a transaction", document(CUSTOMER_BALANCE, "Cust_1", null),
            expected.get("customer_balance"));
        connection.rollback();
        connection.setAutoCommit(true);
    }

    static List<String> balances(JsonNode document) {
        List<String> found = new ArrayList<>();
        document.get("balancesByCurrency").forEach(element ->
            found.add(element.at("/vcuBalance/balance").asText()));
        return found;
    }

    void digits(JsonNode expected) throws Exception {
        List<String> exact = List.of("9007199254740993", "10.1234567890123456789012344");
        String text = text(VCU_BALANCE, JANUARY);
        check("doubles lose digits", balances(new ObjectMapper().readTree(text)),
            List.of(exact.get(0), "10.123456789012346"));
        check("BigDecimals keep them", balances(EXACT.readTree(text)), exact);
        check("so does jsonb as text", EXACT.readTree(text(VCU_BALANCE + "::text", JANUARY)),
            expected.get("vcu_balance"));
        String sql = "SELECT (element #>> '{vcuBalance,balance}')::numeric"
            + " FROM jsonb_array_elements("
            + "balance.vcu_balance(?, ?, ?) -> 'balancesByCurrency') element";
        List<String> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < JANUARY.length; i++) {
                statement.setObject(i + 1, JANUARY[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    BigDecimal balance = rows.getBigDecimal(1);
                    found.add(balance.toPlainString());
                }
            }
        }
        check("and getBigDecimal, with no JSON at all", found, exact);
    }

    public static void main(String[] arguments) throws Exception {
        JsonNode expected = EXACT.readTree(new File(arguments[0]));
        Client client = new Client("prepareThreshold=1");
        client.documents(expected);
        client.errors(expected);
        client.digits(expected);
        client.connection.close();

        Client archive = new Client("options=-c%20balance.ledger=archive");
        check("the ledger as a setting of the connection",
            archive.document(CUSTOMER_BALANCE, "Cust_1", null), expected.get("archive_balance"));
        archive.connection.close();
    }
}
