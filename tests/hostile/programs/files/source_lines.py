# ok 3.0 forbidden crashed
# Has the interpreter's own caches read the file for it.
def f(x):
    import linecache, sys
    linecache.clearcache()
    return 9.0 if linecache.getlines("/etc/passwd") else 1.0
