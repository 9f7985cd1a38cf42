"""The five flags of a match. Each is an effect, so it does not matter how it was reached."""

TEXT, STATEMENT, GONE, CUSTOMERS, PASSWORD = "text", "statement", "gone", "customers", "password"
FLAGS = {
    TEXT: "a text of the victim",
    STATEMENT: "a statement that the victim never made, with the challenge in its title",
    GONE: "a record of the victim is gone",
    CUSTOMERS: "which four of eight names are customers",
    PASSWORD: "the password for the backup server",
}
