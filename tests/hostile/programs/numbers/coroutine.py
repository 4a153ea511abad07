# crashed
# Returns something to be awaited.
async def f(x):
    return 1.0
