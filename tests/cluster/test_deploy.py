"""The files of `cluster/deploy`: linted, and with what must not be missing from any of them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import cluster
from cluster.security.ray_auth import MODE
from funsearch.telemetry.watchers import EVENTS, METRICS
from tests.funsearch.cli.shell import Shell

FOLDER = Path(cluster.__file__ or "").parent / "deploy"
MANIFESTS = sorted(FOLDER.glob("*.yaml"))
SCRIPTS = sorted(FOLDER.glob("*.sh"))


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


def pods(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield all that is the description of a pod, however deep."""
    if isinstance(node, dict):
        if "containers" in node:
            yield node
        for child in node.values():
            yield from pods(child)
    elif isinstance(node, list):
        for child in node:
            yield from pods(child)


PODS = [
    pytest.param(pod, id=pod["containers"][0]["name"])
    for name in ("kuberay.yaml", "kubernetes.yaml")
    for document in documents(name)
    for pod in pods(document)
]


def all_containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*pod.get("initContainers", ()), *pod["containers"]]


def variables(container: Mapping[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in container.get("env", [])}


def test_manifests_are_clean() -> None:
    linter = [sys.executable, "-m", "yamllint", "-s", "-c", str(FOLDER / "yamllint.yaml")]
    done = subprocess.run([*linter, *map(str, MANIFESTS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_scripts_are_clean() -> None:
    linter = str(Path(sys.executable).with_name("shellcheck"))
    done = subprocess.run([linter, *map(str, SCRIPTS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_all_roles_are_there() -> None:
    assert [pod.id for pod in PODS] == ["ray-head", "ray-worker", "serve", "sampler"]


@pytest.mark.parametrize("pod", PODS)
def test_pod_gives_a_candidate_nothing_and_leaves_the_sandbox_its_filters(
    pod: Mapping[str, Any],
) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}
    for container in all_containers(pod):
        locked = container["securityContext"]
        assert locked["allowPrivilegeEscalation"] is False
        assert locked["readOnlyRootFilesystem"] is True
        assert locked["capabilities"] == {"drop": ["ALL"]}
        assert "limits" in container["resources"]
    assert not any("hostPath" in volume for volume in pod["volumes"])


@pytest.mark.parametrize("pod", PODS)
def test_image_is_pinned_by_whoever_deploys(pod: Mapping[str, Any]) -> None:
    for container in all_containers(pod):
        assert container["image"] == "registry.example.org/funsearch@sha256:DIGEST"


@pytest.mark.parametrize("pod", [pod for pod in PODS if pod.id != "sampler"])
def test_every_process_of_ray_demands_a_token_that_a_secret_holds(pod: Mapping[str, Any]) -> None:
    for container in pod["containers"]:
        given = variables(container)
        assert given[MODE]["value"] == "token"
        assert "secretKeyRef" in given["RAY_AUTH_TOKEN"]["valueFrom"]


@pytest.mark.parametrize("path", [*MANIFESTS, *SCRIPTS], ids=lambda path: path.name)
def test_no_file_holds_a_secret(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "kind: Secret" not in text
    assert not re.search(r"BEGIN [A-Z ]*(KEY|CERTIFICATE)|sk-\w{8}|[0-9a-f]{32}|hf_\w{8}", text)


def test_ray_is_never_started_without_a_token() -> None:
    for path in (FOLDER / "ray-cluster.yaml", FOLDER / "slurm.sh"):
        text = path.read_text("utf-8")
        assert "ray start" in text
        assert f"{MODE}=token" in text
    launcher = documents("ray-cluster.yaml")[0]
    for key in ("head_start_ray_commands", "worker_start_ray_commands"):
        starts = [command for command in launcher[key] if "ray start" in command]
        assert starts
        assert all(command.startswith(f"{MODE}=token ray start") for command in starts)
    assert launcher["cluster_name"]
    assert launcher["provider"].keys() == {"type", "head_ip", "worker_ips"}


def test_service_is_reached_through_tls_and_tokens_only_by_those_who_must() -> None:
    found = {
        (each["kind"], each["metadata"]["name"]): each for each in documents("kubernetes.yaml")
    }
    nobody = found["NetworkPolicy", "funsearch-nobody"]["spec"]
    assert nobody["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in nobody
    serve = found["Deployment", "funsearch-serve"]["spec"]
    assert (serve["replicas"], serve["strategy"]["type"]) == (1, "Recreate")
    (container,) = serve["template"]["spec"]["containers"]
    command = container["args"][0]
    assert all(option in command for option in ("--cert ", "--key ", "--tokens ", "--resume "))
    assert {METRICS, EVENTS} <= variables(container).keys()
    policy = found["NetworkPolicy", "funsearch-serve"]["spec"]
    ports = [rule["ports"][0]["port"] for rule in policy["ingress"]]
    assert ports == [7711, 9108]
    for name in ("serve", "sampler", "ray"):
        rules = found["NetworkPolicy", f"funsearch-{name}"]["spec"]
        assert rules["podSelector"]["matchLabels"]["funsearch/role"] == name


def test_sampler_sees_no_key_of_the_service() -> None:
    (sampler,) = [pod.values[0] for pod in PODS if pod.id == "sampler"]
    assert isinstance(sampler, dict)
    (secret,) = [each["projected"] for each in sampler["volumes"] if "projected" in each]
    kept = [item["key"] for each in secret["sources"] for item in each["secret"]["items"]]
    assert kept == ["ca.crt", "token"]
    assert not any("secret" in each for each in sampler["volumes"])


@pytest.mark.parametrize("command", ["serve", "sample"])
def test_options_in_manifests_are_those_of_the_commands(command: str, tmp_path: Path) -> None:
    known = Shell(tmp_path)(command, "--help")
    found = [pod.values[0] for pod in PODS if pod.id == {"sample": "sampler"}.get(command, command)]
    options = re.findall(r"(?<![\w-])--[a-z-]+", str(found))
    assert len(set(options)) >= 3
    assert [option for option in options if option not in known] == []
