// Command judge reads what we make with the library that Juju itself reads charms and bundles with, and with
// HashiCorp's reader of Terraform modules, and says what it saw, as JSON.
//
//	judge charm FILE                     a packed charm
//	judge action FILE NAME PARAMS        whether an action of it takes these parameters, a JSON object
//	judge bundle FILE [OVERLAY...]       a bundle with overlays laid on it, verified with the charms that it names
//	judge terraform DIR                  a Terraform module
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/hashicorp/terraform-config-inspect/tfconfig"
	"github.com/juju/charm/v12"
)

func main() {
	seen, err := judge(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(args []string) (any, error) {
	switch {
	case len(args) == 2 && args[0] == "charm":
		return readCharm(args[1])
	case len(args) == 4 && args[0] == "action":
		return validateParams(args[1], args[2], args[3])
	case len(args) >= 2 && args[0] == "bundle":
		return readBundle(args[1:])
	case len(args) == 2 && args[0] == "terraform":
		return readModule(args[1])
	}
	return nil, fmt.Errorf("judge: charm FILE, action FILE NAME PARAMS, bundle FILE [OVERLAY...] or terraform DIR")
}

type packedCharm struct {
	Name         string
	Provides     map[string]string
	Requires     map[string]string
	Peers        map[string]string
	Containers   int
	Assumes      any
	Bases        []string
	Options      map[string]charm.Option
	Actions      []string
	FormatErrors []string
	// DispatchMode is that of the file as Juju unpacks it on a unit.
	DispatchMode string
}

func readCharm(file string) (*packedCharm, error) {
	archive, err := charm.ReadCharmArchive(file)
	if err != nil {
		return nil, err
	}
	meta := archive.Meta()
	seen := &packedCharm{
		Name:         meta.Name,
		Provides:     interfaces(meta.Provides),
		Requires:     interfaces(meta.Requires),
		Peers:        interfaces(meta.Peers),
		Containers:   len(meta.Containers),
		Assumes:      meta.Assumes,
		Bases:        []string{},
		Options:      archive.Config().Options,
		Actions:      []string{},
		FormatErrors: []string{},
	}
	for _, base := range archive.Manifest().Bases {
		for _, architecture := range base.Architectures {
			seen.Bases = append(seen.Bases, fmt.Sprintf("%s@%s %s", base.Name, base.Channel.Track, architecture))
		}
	}
	for name := range archive.Actions().ActionSpecs {
		seen.Actions = append(seen.Actions, name)
	}
	sort.Strings(seen.Actions)
	// As Juju does before it lets a charm in: is it of the format it says, by all of its files?
	if err := charm.CheckMeta(archive); err != nil {
		seen.FormatErrors = append(seen.FormatErrors, err.Error())
	}
	unit, err := os.MkdirTemp("", "judge-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(unit)
	if err := archive.ExpandTo(unit); err != nil {
		return nil, err
	}
	dispatch, err := os.Stat(filepath.Join(unit, "dispatch"))
	if err != nil {
		return nil, err
	}
	seen.DispatchMode = dispatch.Mode().String()
	return seen, nil
}

func interfaces(endpoints map[string]charm.Relation) map[string]string {
	named := map[string]string{}
	for name, endpoint := range endpoints {
		named[name] = endpoint.Interface
	}
	return named
}

// validateParams answers what Juju answers to whoever runs the action: nothing, or what is wrong.
func validateParams(file, action, params string) (string, error) {
	archive, err := charm.ReadCharmArchive(file)
	if err != nil {
		return "", err
	}
	spec, ok := archive.Actions().ActionSpecs[action]
	if !ok {
		return "", fmt.Errorf("the charm has no action %q", action)
	}
	var given map[string]any
	if err := json.Unmarshal([]byte(params), &given); err != nil {
		return "", err
	}
	if err := spec.ValidateParams(given); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

type mergedBundle struct {
	Applications []string
	Relations    [][]string
	Errors       []string
}

// readBundle does what `juju deploy` does before it asks the controller for anything, and more: it looks into the
// charms too, so that endpoints, interfaces and options are held against them.
func readBundle(files []string) (*mergedBundle, error) {
	var sources []charm.BundleDataSource
	for _, file := range files {
		source, err := charm.LocalBundleDataSource(file)
		if err != nil {
			return nil, err
		}
		for _, part := range source.Parts() {
			if part.UnmarshallError != nil {
				return nil, fmt.Errorf("%s: %w", file, part.UnmarshallError)
			}
		}
		sources = append(sources, source)
	}
	data, err := charm.ReadAndMergeBundleData(sources...)
	if err != nil {
		return nil, err
	}
	seen := &mergedBundle{Applications: []string{}, Relations: data.Relations, Errors: []string{}}
	charms := map[string]charm.Charm{}
	for name, application := range data.Applications {
		seen.Applications = append(seen.Applications, name)
		read, err := charm.ReadCharm(application.Charm)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		charms[application.Charm] = read
	}
	sort.Strings(seen.Applications)
	for _, err := range []error{
		// With no folder of the bundle's own, as where the bundle is Charmhub's and only the overlay is a file.
		data.Verify(nil, nil, nil),
		data.VerifyLocal(filepath.Dir(files[0]), nil, nil, nil),
		data.VerifyWithCharms(nil, nil, nil, charms),
	} {
		if err == nil {
			continue
		}
		if verification, ok := err.(*charm.VerificationError); ok {
			for _, one := range verification.Errors {
				seen.Errors = append(seen.Errors, one.Error())
			}
		} else {
			seen.Errors = append(seen.Errors, err.Error())
		}
	}
	return seen, nil
}

type module struct {
	Variables   map[string]variable
	Outputs     []string
	Resources   []string
	DataSources []string
	Modules     map[string]string
	Providers   map[string]provider
	RequireCore []string
	Diagnostics []string
}

type variable struct {
	Type        string
	Description string
	Required    bool
	Sensitive   bool
}

type provider struct {
	Source   string
	Versions []string
}

func readModule(dir string) (*module, error) {
	if !tfconfig.IsModuleDir(dir) {
		return nil, fmt.Errorf("%s holds no Terraform module", dir)
	}
	loaded, diagnostics := tfconfig.LoadModule(dir)
	seen := &module{
		Variables:   map[string]variable{},
		Outputs:     []string{},
		Resources:   keys(loaded.ManagedResources),
		DataSources: keys(loaded.DataResources),
		Modules:     map[string]string{},
		Providers:   map[string]provider{},
		RequireCore: loaded.RequiredCore,
		Diagnostics: []string{},
	}
	for name, one := range loaded.Variables {
		seen.Variables[name] = variable{one.Type, one.Description, one.Required, one.Sensitive}
	}
	for name, one := range loaded.Outputs {
		if one.Description == "" {
			seen.Diagnostics = append(seen.Diagnostics, fmt.Sprintf("output %s has no description", name))
		}
	}
	seen.Outputs = keys(loaded.Outputs)
	for name, one := range loaded.ModuleCalls {
		seen.Modules[name] = one.Source
	}
	for name, one := range loaded.RequiredProviders {
		seen.Providers[name] = provider{one.Source, one.VersionConstraints}
	}
	for _, one := range diagnostics {
		seen.Diagnostics = append(seen.Diagnostics, one.Summary+": "+one.Detail)
	}
	return seen, nil
}

func keys[T any](of map[string]T) []string {
	names := []string{}
	for name := range of {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
