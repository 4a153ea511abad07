from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Description(_message.Message):
    __slots__ = ("problem", "function", "instances", "log", "seed", "message_bytes")
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    INSTANCES_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    problem: str
    function: str
    instances: _containers.RepeatedScalarFieldContainer[str]
    log: str
    seed: int
    message_bytes: int
    def __init__(self, problem: _Optional[str] = ..., function: _Optional[str] = ..., instances: _Optional[_Iterable[str]] = ..., log: _Optional[str] = ..., seed: _Optional[int] = ..., message_bytes: _Optional[int] = ...) -> None: ...

class DrawRequest(_message.Message):
    __slots__ = ("most", "wait_s")
    MOST_FIELD_NUMBER: _ClassVar[int]
    WAIT_S_FIELD_NUMBER: _ClassVar[int]
    most: int
    wait_s: float
    def __init__(self, most: _Optional[int] = ..., wait_s: _Optional[float] = ...) -> None: ...

class Drawn(_message.Message):
    __slots__ = ("leases", "retry_after_s", "ending")
    LEASES_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_S_FIELD_NUMBER: _ClassVar[int]
    ENDING_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[Lease]
    retry_after_s: float
    ending: bool
    def __init__(self, leases: _Optional[_Iterable[_Union[Lease, _Mapping]]] = ..., retry_after_s: _Optional[float] = ..., ending: _Optional[bool] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("id", "prompt", "count", "run_seed", "expires_s")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    RUN_SEED_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_S_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    prompt: Prompt
    count: int
    run_seed: int
    expires_s: float
    def __init__(self, id: _Optional[bytes] = ..., prompt: _Optional[_Union[Prompt, _Mapping]] = ..., count: _Optional[int] = ..., run_seed: _Optional[int] = ..., expires_s: _Optional[float] = ...) -> None: ...

class Prompt(_message.Message):
    __slots__ = ("draw", "island", "epoch", "registrations", "shown", "header", "text", "template", "digest", "style", "system", "failures")
    DRAW_FIELD_NUMBER: _ClassVar[int]
    ISLAND_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    REGISTRATIONS_FIELD_NUMBER: _ClassVar[int]
    SHOWN_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    draw: int
    island: int
    epoch: int
    registrations: int
    shown: _containers.RepeatedCompositeFieldContainer[Shown]
    header: str
    text: str
    template: str
    digest: str
    style: str
    system: str
    failures: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, draw: _Optional[int] = ..., island: _Optional[int] = ..., epoch: _Optional[int] = ..., registrations: _Optional[int] = ..., shown: _Optional[_Iterable[_Union[Shown, _Mapping]]] = ..., header: _Optional[str] = ..., text: _Optional[str] = ..., template: _Optional[str] = ..., digest: _Optional[str] = ..., style: _Optional[str] = ..., system: _Optional[str] = ..., failures: _Optional[_Iterable[int]] = ...) -> None: ...

class Shown(_message.Message):
    __slots__ = ("function", "source", "score", "scores")
    class ScoresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    function: str
    source: str
    score: float
    scores: _containers.ScalarMap[str, float]
    def __init__(self, function: _Optional[str] = ..., source: _Optional[str] = ..., score: _Optional[float] = ..., scores: _Optional[_Mapping[str, float]] = ...) -> None: ...

class SubmitRequest(_message.Message):
    __slots__ = ("submissions",)
    SUBMISSIONS_FIELD_NUMBER: _ClassVar[int]
    submissions: _containers.RepeatedCompositeFieldContainer[Submission]
    def __init__(self, submissions: _Optional[_Iterable[_Union[Submission, _Mapping]]] = ...) -> None: ...

class Submission(_message.Message):
    __slots__ = ("id", "lease", "samples", "failure")
    ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    lease: bytes
    samples: _containers.RepeatedCompositeFieldContainer[Sample]
    failure: str
    def __init__(self, id: _Optional[bytes] = ..., lease: _Optional[bytes] = ..., samples: _Optional[_Iterable[_Union[Sample, _Mapping]]] = ..., failure: _Optional[str] = ...) -> None: ...

class Sample(_message.Message):
    __slots__ = ("text", "sampler", "model", "served", "parameters", "seed", "prompt_tokens", "completion_tokens", "finish", "seconds", "error", "cost")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Value
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Value, _Mapping]] = ...) -> None: ...
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SAMPLER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SERVED_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    text: str
    sampler: str
    model: str
    served: str
    parameters: _containers.MessageMap[str, Value]
    seed: int
    prompt_tokens: int
    completion_tokens: int
    finish: str
    seconds: float
    error: str
    cost: str
    def __init__(self, text: _Optional[str] = ..., sampler: _Optional[str] = ..., model: _Optional[str] = ..., served: _Optional[str] = ..., parameters: _Optional[_Mapping[str, Value]] = ..., seed: _Optional[int] = ..., prompt_tokens: _Optional[int] = ..., completion_tokens: _Optional[int] = ..., finish: _Optional[str] = ..., seconds: _Optional[float] = ..., error: _Optional[str] = ..., cost: _Optional[str] = ...) -> None: ...

class Value(_message.Message):
    __slots__ = ("text", "integer", "flag")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    INTEGER_FIELD_NUMBER: _ClassVar[int]
    FLAG_FIELD_NUMBER: _ClassVar[int]
    text: str
    integer: int
    flag: bool
    def __init__(self, text: _Optional[str] = ..., integer: _Optional[int] = ..., flag: _Optional[bool] = ...) -> None: ...

class Submitted(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[Result]
    def __init__(self, results: _Optional[_Iterable[_Union[Result, _Mapping]]] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("status", "records", "reason")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[Result.Status]
        RECORDED: _ClassVar[Result.Status]
        ALREADY_TAKEN: _ClassVar[Result.Status]
        UNKNOWN_LEASE: _ClassVar[Result.Status]
        INVALID: _ClassVar[Result.Status]
        ENDING: _ClassVar[Result.Status]
        RETURNED: _ClassVar[Result.Status]
    STATUS_UNSPECIFIED: Result.Status
    RECORDED: Result.Status
    ALREADY_TAKEN: Result.Status
    UNKNOWN_LEASE: Result.Status
    INVALID: Result.Status
    ENDING: Result.Status
    RETURNED: Result.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    status: Result.Status
    records: _containers.RepeatedScalarFieldContainer[int]
    reason: str
    def __init__(self, status: _Optional[_Union[Result.Status, str]] = ..., records: _Optional[_Iterable[int]] = ..., reason: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("interval_s",)
    INTERVAL_S_FIELD_NUMBER: _ClassVar[int]
    interval_s: float
    def __init__(self, interval_s: _Optional[float] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("seconds", "samples", "evaluations", "waiting", "best", "best_program", "verdicts", "outages", "tokens", "prompts_waiting", "leases", "islands")
    class VerdictsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    EVALUATIONS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    BEST_FIELD_NUMBER: _ClassVar[int]
    BEST_PROGRAM_FIELD_NUMBER: _ClassVar[int]
    VERDICTS_FIELD_NUMBER: _ClassVar[int]
    OUTAGES_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_WAITING_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    ISLANDS_FIELD_NUMBER: _ClassVar[int]
    seconds: float
    samples: int
    evaluations: int
    waiting: int
    best: float
    best_program: str
    verdicts: _containers.ScalarMap[str, int]
    outages: int
    tokens: int
    prompts_waiting: int
    leases: int
    islands: _containers.RepeatedCompositeFieldContainer[Island]
    def __init__(self, seconds: _Optional[float] = ..., samples: _Optional[int] = ..., evaluations: _Optional[int] = ..., waiting: _Optional[int] = ..., best: _Optional[float] = ..., best_program: _Optional[str] = ..., verdicts: _Optional[_Mapping[str, int]] = ..., outages: _Optional[int] = ..., tokens: _Optional[int] = ..., prompts_waiting: _Optional[int] = ..., leases: _Optional[int] = ..., islands: _Optional[_Iterable[_Union[Island, _Mapping]]] = ...) -> None: ...

class Island(_message.Message):
    __slots__ = ("best", "programs")
    BEST_FIELD_NUMBER: _ClassVar[int]
    PROGRAMS_FIELD_NUMBER: _ClassVar[int]
    best: float
    programs: int
    def __init__(self, best: _Optional[float] = ..., programs: _Optional[int] = ...) -> None: ...

class ProgramRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class LineageRequest(_message.Message):
    __slots__ = ("id", "limit")
    ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    id: str
    limit: int
    def __init__(self, id: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class ListRequest(_message.Message):
    __slots__ = ("limit",)
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    limit: int
    def __init__(self, limit: _Optional[int] = ...) -> None: ...

class ProgramList(_message.Message):
    __slots__ = ("programs", "cut")
    PROGRAMS_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    programs: _containers.RepeatedCompositeFieldContainer[ProgramFacts]
    cut: bool
    def __init__(self, programs: _Optional[_Iterable[_Union[ProgramFacts, _Mapping]]] = ..., cut: _Optional[bool] = ...) -> None: ...

class ProgramFacts(_message.Message):
    __slots__ = ("id", "source", "record", "status", "score", "sampler", "model", "parents")
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SAMPLER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PARENTS_FIELD_NUMBER: _ClassVar[int]
    id: str
    source: str
    record: int
    status: str
    score: float
    sampler: str
    model: str
    parents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., source: _Optional[str] = ..., record: _Optional[int] = ..., status: _Optional[str] = ..., score: _Optional[float] = ..., sampler: _Optional[str] = ..., model: _Optional[str] = ..., parents: _Optional[_Iterable[str]] = ...) -> None: ...

class StopRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Stopping(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
