// Command cluster is a real Kubernetes control plane for tests, in one program.
//
// etcd runs inside this process; kube-apiserver, kube-controller-manager and, if
// asked for, kube-scheduler are children of the same executable. Nothing is
// installed and nothing stays: everything it writes lies in one temporary folder.
//
//	cluster -kubeconfig FILE [-scheduler] [-unsafe-no-fsync] [-log-dir DIR] [-audit-log FILE] [-keep]
//
// Once Kubernetes serves it prints one line, `ready FILE`. It ends on TERM or
// INT, and with its standard input, so that it never outlives who started it.
// A line `down` there kills kube-apiserver, as a crash would, and `up` starts
// it again; each is printed once it is so.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
	_ "time/tzdata" // for CronJobs with a time zone, on a machine without that table

	"k8s.io/client-go/rest"
)

// options are what the command line says.
type options struct {
	kubeconfig string
	scheduler  bool
	noFsync    bool
	logFolder  string
	auditLog   string
	keep       bool
	within     time.Duration
}

func main() {
	if code, ok := runAsComponent(os.Args[1:]); ok {
		os.Exit(code)
	}
	var asked options
	flag.StringVar(&asked.kubeconfig, "kubeconfig", "", "where to write the administrator's kubeconfig (required)")
	flag.BoolVar(&asked.scheduler, "scheduler", false, "run kube-scheduler, too")
	flag.BoolVar(&asked.noFsync, "unsafe-no-fsync", false, "let etcd answer before its writes are on the disk")
	flag.StringVar(&asked.logFolder, "log-dir", "", "keep the components' logs here (default: they go with everything else)")
	flag.StringVar(&asked.auditLog, "audit-log", "", "note each request and its answer here")
	flag.BoolVar(&asked.keep, "keep", false, "go on when standard input ends")
	flag.DurationVar(&asked.within, "timeout", 2*time.Minute, "give up if it does not serve by then")
	flag.Parse()
	if asked.kubeconfig == "" {
		fmt.Fprintln(os.Stderr, "cluster: -kubeconfig FILE is missing")
		os.Exit(2)
	}
	if err := run(asked); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// run brings everything up, says so, and takes it down in reverse order once told to end.
func run(asked options) error {
	// A child is killed when the thread that forked it ends (Pdeathsig): keep this thread.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	orders := make(chan string)
	if !asked.keep {
		go func() {
			for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
				orders <- lines.Text()
			}
			stop()
		}()
	}

	folder, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if asked.logFolder == "" {
		asked.logFolder = folder
	}
	// Whoever looks for the file may conclude that we serve.
	defer os.Remove(asked.kubeconfig)
	admin, err := writeIdentities(folder, asked.kubeconfig)
	if err != nil {
		return err
	}
	storage, err := startStorage(folder, filepath.Join(asked.logFolder, "etcd.log"), asked.noFsync)
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	defer storage.Close()

	if err := writeAuditPolicy(folder); err != nil {
		return err
	}
	components := newComponents(folder, asked.logFolder)
	defer components.stop()
	ready, cancel := context.WithTimeout(ctx, asked.within)
	defer cancel()
	server := apiServer(folder, admin.Host, asked.auditLog)
	if err := components.start(server); err != nil {
		return err
	}
	if err := components.await(ready, admin, "/readyz"); err != nil {
		return err
	}
	if err := components.start(controllerManager(folder)); err != nil {
		return err
	}
	if asked.scheduler {
		if err := components.start(scheduler(folder)); err != nil {
			return err
		}
	}
	// Pods can be created from here on: what makes service accounts is at work.
	if err := components.await(ready, admin, "/api/v1/namespaces/default/serviceaccounts/default"); err != nil {
		return err
	}

	fmt.Println("ready", asked.kubeconfig)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-components.ended:
			return err
		case order := <-orders:
			if err := obey(ctx, order, components, server, admin); err != nil {
				return err
			}
			fmt.Println(order)
		}
	}
}

// obey takes the API server down, or up again.
func obey(ctx context.Context, order string, all *components, server component, admin *rest.Config) error {
	switch order {
	case "down":
		all.kill(server.name)
		return nil
	case "up":
		if err := all.start(server); err != nil {
			return err
		}
		return all.await(ctx, admin, "/readyz")
	default:
		return fmt.Errorf("there is no order %q: it is down or up", order)
	}
}
