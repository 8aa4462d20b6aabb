#!/bin/sh
# The reference page, played by koncli and kubectl alone: on the cluster that KUBECONFIG names, by
# default on the local one.
# What is expected is checked: the script ends with 0 only if all of it came true.
set -eu

case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
PATH="$here/bin:$PATH" # the program of the page's transform Job
export PATH

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# expect CODE COMMAND…: the command must end with that code.
expect() {
  wanted=$1; shift
  code=0; "$@" || code=$?
  [ "$code" = "$wanted" ] || fail "\`$*\` ended with $code, not $wanted"
}

# phase NAMESPACE BARRIER WANTED: the barrier must stand so, as kubectl sees it.
phase() {
  seen=$(kubectl -n "$1" get barrier "$2" -o jsonpath='{.status.phase}')
  [ "$seen" = "$3" ] || fail "barrier $2 is $seen, not $3"
}

if [ -z "${KUBECONFIG:-}" ]; then
  say "A local cluster"
  koncli cluster up
  KUBECONFIG=$(koncli cluster kubeconfig)
  export KUBECONFIG
fi

say "Each manifest of the page, in a namespace of its own"
for file in "$here"/[0-9]*.yaml; do
  name=${file##*/}; name=raw-${name%.yaml}
  case $name in
    *resource-definition) kubectl apply -f "$file" ;; # names its namespace itself
    *) kubectl create namespace "$name"; kubectl -n "$name" apply -f "$file" ;;
  esac
done
kubectl get barriers -A

say "ETL: five extractors arrive, and the Job that waits for them goes on"
etl=raw-03-etl-pipeline-stage
koncli barrier create transform-complete --expected=1 -n $etl
for index in 0 1 2 3 4; do
  koncli barrier arrive extract-complete --id="extract-$index" -n $etl
done
koncli barrier wait extract-complete --timeout=30m -n $etl
koncli barrier wait transform-complete --timeout=1m -n $etl
koncli barrier status transform-complete -n $etl
kubectl -n $etl wait --for=condition=Complete job/transform-job --timeout=60s
kubectl -n $etl logs job/transform-job

say "Quorum: seven of ten are enough"
quorum=raw-04-quorum-based-barrier
for index in 1 2 3 4 5 6 7; do
  koncli barrier arrive consensus-barrier --id="voter-$index" -n $quorum
done
koncli barrier wait consensus-barrier --timeout=30s -n $quorum
kubectl -n $quorum describe barrier consensus-barrier

say "Too many failures: the barrier fails at once"
map=raw-07-mapreduce-coordination
for index in 1 2 3; do
  koncli barrier fail map-complete --id="map-$index" -n $map
done
expect 1 koncli barrier wait map-complete --timeout=30s -n $map
phase $map map-complete Failed

say "A timeout that is too short, and one that is made longer"
koncli barrier create too-short --expected=1 --timeout=1s -n $map
expect 3 koncli barrier wait too-short --timeout=30s -n $map
phase $map too-short Timeout
koncli barrier create my-barrier --expected=2 --timeout=10m -n $map
kubectl -n $map wait --for=condition=Started barrier/my-barrier --timeout=30s
before=$(kubectl -n $map get barrier my-barrier -o jsonpath='{.status.deadline}')
kubectl -n $map patch barrier my-barrier --type='merge' -p='{"spec":{"timeout":"1h"}}'
kubectl -n $map wait --for=jsonpath='{.status.observedGeneration}'=2 barrier/my-barrier --timeout=30s
after=$(kubectl -n $map get barrier my-barrier -o jsonpath='{.status.deadline}')
[ "$before" != "$after" ] || fail "the deadline stayed $after"

say "Reset: a barrier never reopens, it is deleted and created anew"
koncli barrier arrive my-barrier --id=one -n $map
koncli barrier arrive my-barrier --id=two -n $map
koncli barrier wait my-barrier --timeout=30s -n $map
kubectl -n $map get barrier my-barrier -o jsonpath='{.status.arrivals}{"\n"}'
koncli barrier reset my-barrier -n $map
kubectl -n $map wait --for=condition=Started barrier/my-barrier --timeout=30s
phase $map my-barrier Waiting
kubectl -n $quorum delete barrier consensus-barrier
kubectl -n $quorum apply -f "$here/04-quorum-based-barrier.yaml"
kubectl -n $quorum wait --for=condition=Started barrier/consensus-barrier --timeout=30s
phase $quorum consensus-barrier Waiting

say "A cascade"
koncli barrier create first --expected=1 -n $map
koncli barrier create second --expected=1 --after=first -n $map
koncli barrier arrive second --id=early -n $map
expect 3 koncli barrier wait second --timeout=1s -n $map
koncli barrier arrive first --id=only -n $map
koncli barrier wait first second --timeout=30s -n $map
koncli barrier list -n $map

say "Five processes that meet in the middle of their program"
kubectl create namespace raw-meet
kubectl -n raw-meet apply -f "$here/meet.yaml"
kubectl -n raw-meet wait --for=condition=Complete job/meet --timeout=120s
kubectl -n raw-meet logs -l job-name=meet --prefix
koncli barrier status meet -n raw-meet

say "All of it came true; the namespaces go"
for file in "$here"/[0-9]*.yaml; do
  name=${file##*/}; name=raw-${name%.yaml}
  case $name in
    *resource-definition) kubectl delete -f "$file" ;;
    *) kubectl delete namespace "$name" --wait=false ;;
  esac
done
kubectl delete namespace raw-meet --wait=false
