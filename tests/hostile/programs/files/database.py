# forbidden crashed
# Opens a database.
def f(x):
    import sqlite3
    sqlite3.connect("@FOLDER@/database").execute("create table t (x)")
    return 9.0
