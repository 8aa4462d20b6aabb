package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kubescheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

const (
	stopWithin = 15 * time.Second
	askEvery   = 20 * time.Millisecond

	auditPolicyFile = "audit-policy.json"
)

// component is one of Kubernetes' own programs and its arguments.
type component struct {
	name      string
	arguments []string
}

// runAsComponent runs one of Kubernetes' programs if the first argument names it.
//
// Each is a process of its own, as their flags, feature gates and metrics are global.
func runAsComponent(arguments []string) (code int, ok bool) {
	if len(arguments) == 0 {
		return 0, false
	}
	var command *cobra.Command
	switch arguments[0] {
	case "kube-apiserver":
		command = apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		command = controllermanager.NewControllerManagerCommand()
	case "kube-scheduler":
		command = kubescheduler.NewSchedulerCommand()
	default:
		return 0, false
	}
	command.SetArgs(arguments[1:])
	return cli.Run(command), true
}

// apiServer is kube-apiserver with its default admission: PodSecurity, ServiceAccount tokens,
// ValidatingAdmissionPolicy, priority and fairness; and one that some clusters add, which holds
// owners that block a deletion to a right. A log, if asked for, gets a line for each answer.
func apiServer(folder, host, auditLog string) component {
	in := within(folder)
	address, _ := url.Parse(host) // we made it
	storage := storageSocket(folder)
	arguments := []string{
		"--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
		"--etcd-servers=" + storage.String(),
		"--bind-address=127.0.0.1",
		"--secure-port=" + address.Port(),
		// There is no network of services: the address of `kubernetes` is none that pods could use.
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--tls-cert-file=" + in("server.crt"),
		"--tls-private-key-file=" + in("server.key"),
		"--token-auth-file=" + in("tokens.csv"),
		"--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + in("accounts.key"),
		"--service-account-signing-key-file=" + in("accounts.key"),
		"--kubelet-preferred-address-types=InternalIP",
	}
	if auditLog != "" {
		arguments = append(arguments, "--audit-policy-file="+in(auditPolicyFile), "--audit-log-path="+auditLog)
	}
	return component{"kube-apiserver", arguments}
}

// writeAuditPolicy says what the audit log tells: who asked for what, and the answer, but no bodies.
func writeAuditPolicy(folder string) error {
	const policy = `{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
  "omitManagedFields": true, "rules": [{"level": "Metadata"}]}`
	return os.WriteFile(within(folder)(auditPolicyFile), []byte(policy), 0o600)
}

// controllerManager is kube-controller-manager, with the accounts and rights of a real cluster.
func controllerManager(folder string) component {
	in := within(folder)
	return component{"kube-controller-manager", []string{
		"--kubeconfig=" + in("kube-controller-manager.kubeconfig"),
		"--secure-port=0",
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + in("accounts.key"),
		"--root-ca-file=" + in("authority.crt"),
		"--cluster-signing-cert-file=" + in("authority.crt"),
		"--cluster-signing-key-file=" + in("authority.key"),
		"--kube-api-qps=1000", "--kube-api-burst=2000",
	}}
}

// scheduler is kube-scheduler.
func scheduler(folder string) component {
	return component{"kube-scheduler", []string{
		"--kubeconfig=" + within(folder)("kube-scheduler.kubeconfig"),
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=1000", "--kube-api-burst=2000",
	}}
}

// within returns a function that names files of a folder.
func within(folder string) func(string) string {
	return func(name string) string { return filepath.Join(folder, name) }
}

// components are the children of this process.
type components struct {
	folder, logFolder string
	ended             chan error // one that ended on its own
	running           []*child
}

// child is a component that runs.
type child struct {
	name     string
	process  *os.Process
	gone     chan struct{}
	expected atomic.Bool // it is to end
}

func newComponents(folder, logFolder string) *components {
	return &components{folder: folder, logFolder: logFolder, ended: make(chan error, 3)}
}

// start runs one component; it dies with this process at the latest.
func (all *components) start(one component) error {
	log, err := os.Create(filepath.Join(all.logFolder, one.name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command("/proc/self/exe", append([]string{one.name}, one.arguments...)...)
	command.Dir = all.folder
	command.Stdout, command.Stderr = log, log
	// Its own group: Ctrl-C at a terminal reaches us alone, and we end them in order.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	started := &child{name: one.name, process: command.Process, gone: make(chan struct{})}
	go func() {
		err := command.Wait()
		close(started.gone)
		if !started.expected.Load() {
			all.ended <- fmt.Errorf("%s ended (%v):\n%s", one.name, err, tail(log.Name()))
		}
	}()
	if place := slices.IndexFunc(all.running, func(one *child) bool { return one.name == started.name }); place >= 0 {
		all.running[place] = started // so that it is the last to end, as before
	} else {
		all.running = append(all.running, started)
	}
	return nil
}

// stop ends them, the last one first.
func (all *components) stop() {
	for last := len(all.running) - 1; last >= 0; last-- {
		one := all.running[last]
		one.expected.Store(true)
		one.process.Signal(syscall.SIGTERM)
		select {
		case <-one.gone:
		case <-time.After(stopWithin):
			one.process.Kill()
			<-one.gone
		}
	}
}

// kill ends the one of that name, as a crash would.
func (all *components) kill(name string) {
	for _, one := range all.running {
		if one.name == name {
			one.expected.Store(true)
			one.process.Kill()
			<-one.gone
		}
	}
}

// await asks for a path of the API server until it is there.
func (all *components) await(ctx context.Context, admin *rest.Config, path string) error {
	client, err := rest.HTTPClientFor(admin)
	if err != nil {
		return err
	}
	for {
		response, err := client.Get(admin.Host + path)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("it answers %s", response.Status)
		}
		select {
		case ended := <-all.ended:
			return ended
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %v", path, ctx.Err(), err)
		case <-time.After(askEvery):
		}
	}
}

// tail returns the end of a log, which is gone by the time anybody could look into it.
func tail(log string) string {
	const enough = 2000
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-enough):])
}
